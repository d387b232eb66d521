import fc from 'fast-check';
import { FlowId, PaymentId, RunId, UserId } from '#libs/kernel/ids.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { PROMO_REASONS, type WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet, type WalletTerms } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet, NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { NOW, USER } from './wallet-builders.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A command and the time that passes before it; a clock may also stand a little behind. */
export interface Step {
  readonly command: WalletCommand;
  readonly afterMs: number;
  /** Lifetime of added credits, from the moment they are added; none when absent. */
  readonly livesMs?: number;
}

/** Few ids, so that repeats are common; amounts from a credit to far more than a month's grant. */
const few = (prefix: string) => fc.nat(12).map((n) => `${prefix}-${n}`);
const amount = fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, 300_000n), fc.bigInt(1n, 10n ** 12n));
const count = fc.oneof(fc.nat(30), fc.nat(20_000));
const model = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...STANDARD_RATE_CARD.models.keys(), 'claude-3-opus-200k') },
  { weight: 1, arbitrary: fc.constant('unknown-model') },
);
/** The user is a creator too: own prompts and own flows occur. */
const creatorId = fc.constantFrom('c-1', 'c-2', USER).map((id) => UserId.of(id));

const charge = fc.record({
  type: fc.constant('ChargePrompt' as const),
  userId: fc.constant(USER),
  runId: few('run').map((id) => RunId.of(id)),
  model,
  tokens: fc.record({
    inputTokens: count,
    outputTokens: count,
    cachedInputTokens: count,
    cacheWriteTokens: count,
  }),
  creatorId,
  creatorFee: fc.oneof(fc.constant(0n), fc.bigInt(1n, 20_000n)),
  byok: fc.boolean(),
  purpose: fc.constantFrom('run' as const, 'test' as const),
});

const purchase = fc.record({
  type: fc.constant('AddCredits' as const),
  kind: fc.constant('purchased' as const),
  userId: fc.constant(USER),
  amount,
  paymentId: few('pay').map((id) => PaymentId.of(id)),
});

const grant = fc.record({
  type: fc.constant('AddCredits' as const),
  kind: fc.constantFrom('promo' as const, 'adjustment' as const),
  userId: fc.constant(USER),
  amount,
  reason: fc.constantFrom(...PROMO_REASONS),
});

const unlock = fc.record({
  type: fc.constant('UnlockFlow' as const),
  userId: fc.constant(USER),
  flowId: few('flow').map((id) => FlowId.of(id)),
  creatorId,
  price: fc.bigInt(1n, 60_000n),
});

export const openCommand: fc.Arbitrary<WalletCommand> = fc.record({
  type: fc.constant('OpenWallet' as const),
  userId: fc.constant(USER),
  plan: fc.constantFrom(...PLAN_NAMES),
});

const afterMs = fc.oneof(
  { weight: 6, arbitrary: fc.nat(HOUR_MS) },
  { weight: 2, arbitrary: fc.nat(10 * DAY_MS) },
  { weight: 1, arbitrary: fc.nat(100 * DAY_MS) },
  { weight: 1, arbitrary: fc.integer({ min: -DAY_MS, max: 0 }) },
);

export const arbitraryStep: fc.Arbitrary<Step> = fc.record(
  {
    command: fc.oneof(
      { weight: 6, arbitrary: charge },
      { weight: 3, arbitrary: fc.oneof(purchase, grant) },
      { weight: 2, arbitrary: unlock },
      { weight: 1, arbitrary: openCommand },
    ),
    afterMs,
    livesMs: fc.oneof(fc.nat(2 * HOUR_MS), fc.nat(40 * DAY_MS)),
  },
  { requiredKeys: ['command', 'afterMs'] },
);

/** A wallet's life: opened on some plan, then up to `stepsMax` steps. */
export const arbitraryLife = (stepsMax: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(openCommand, fc.array(arbitraryStep, { maxLength: stepsMax }))
    .map(([command, steps]) => [{ command, afterMs: 0 }, ...steps]);

/** The command as sent at `now`: what is added gets its expiry. */
export const commandAt = ({ command, livesMs }: Step, now: number): WalletCommand =>
  command.type === 'AddCredits' && livesMs !== undefined ? { ...command, expiresAt: now + livesMs } : command;

/** Decides a life step by step and calls back after each event that was accepted. */
export function live(
  steps: readonly Step[],
  terms: WalletTerms,
  seen: (event: WalletEvent, wallet: Wallet) => void,
): Wallet {
  let wallet: Wallet = NO_WALLET;
  let now = NOW;
  steps.forEach((step, i) => {
    now += step.afterMs;
    const context = { now, commandId: i.toString(16).padStart(16, '0').padEnd(32, '0') };
    const decision = decideWallet(wallet, commandAt(step, now), context, terms);
    if (decision.kind === 'refused') return;
    for (const event of decision.events) {
      wallet = evolveWallet(wallet, event);
      seen(event, wallet);
    }
  });
  return wallet;
}
