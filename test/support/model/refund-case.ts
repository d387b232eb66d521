import fc from 'fast-check';
import { HoldId, PaymentId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { LotRestored, PromptCharged, PromptRefunded, RefundParts } from '#libs/ledger/wallet/events.js';
import { NOW, USER } from '../ledger/wallet-builders.js';
import { WalletLife } from '../ledger/wallet-life.js';
import { DAY_MS } from './calendar.js';
import { checkSpread, countedSpread, sumOf } from './refund-oracle.js';
import { COMPONENTS } from './state.js';

/** One charge, paid from whatever there is, and what is then asked back of it. */
export interface RefundCase {
  readonly plan: PlanName;
  readonly lots: readonly {
    readonly kind: 'promo' | 'purchased';
    readonly amount: bigint;
    readonly lives?: 1;
  }[];
  /** Settles a hold that has run out, so that a part may be left uncollected. */
  readonly late: boolean;
  readonly byok: boolean;
  readonly tokens: number;
  readonly creatorFee: bigint;
  /** Between the charge and the refunds, lots of a day lapse or the first purchase is revoked. */
  readonly meanwhile: 'nothing' | 'lapse' | 'revoke';
  /** Thousandths of what is left, some beyond it; what is left then is asked back in one. */
  readonly asks: readonly number[];
}

const amount = fc.oneof(fc.bigInt(1n, 40n), fc.bigInt(1n, 4_000n), fc.bigInt(1n, 2_000_000n));

export const arbitraryRefundCase: fc.Arbitrary<RefundCase> = fc.record({
  plan: fc.constantFrom('FREE' as const, 'PRO' as const, 'ELITE' as const),
  lots: fc.array(
    fc.record(
      {
        kind: fc.constantFrom('promo' as const, 'purchased' as const),
        amount,
        lives: fc.constant(1 as const),
      },
      { requiredKeys: ['kind', 'amount'] },
    ),
    { maxLength: 4, size: 'max' },
  ),
  late: fc.nat(2).map((n) => n === 0),
  byok: fc.nat(3).map((n) => n === 0),
  tokens: fc.oneof(fc.nat(60), fc.nat(200_000)),
  creatorFee: fc.oneof(fc.constant(0n), fc.bigInt(1n, 12n), fc.bigInt(1n, 40_000n)),
  meanwhile: fc.constantFrom('nothing' as const, 'lapse' as const, 'revoke' as const),
  asks: fc.array(fc.oneof(fc.nat(30), fc.nat(1_000), fc.integer({ min: 1_001, max: 1_100 })), {
    maxLength: 6,
    size: 'max',
  }),
});

const CREATOR = UserId.of('c-1');
const RUN = RunId.of('run-1');
const COUNTED_UP_TO = 3_000n;

/** @throws when a rule of refunds is broken. Answers how many refunds there were; undefined when nothing was charged. */
export function checkRefunds(asked: RefundCase, terms: Terms): number | undefined {
  const life = new WalletLife(terms);
  const charged = charge(life, asked);
  if (charged === undefined) return undefined;
  const at = happenMeanwhile(life, asked);
  let left: RefundParts = charged;
  let count = 0;
  const restored: LotRestored[] = [];
  const paid = { uncollected: 0n, allowance: 0n };
  const refund = (amount: bigint | undefined): void => {
    const remaining = sumOf(left);
    const decision = life.send(refundCommand(`refund-${count}`, amount), at);
    if (amount === undefined ? remaining === 0n : amount > remaining) {
      expectRefused(decision, remaining);
      return;
    }
    if (decision.kind === 'refused') throw new Error(`Refused: ${decision.refusal.code}`);
    const event = decision.events.find(({ type }) => type === 'PromptRefunded') as PromptRefunded;
    count += 1;
    if (event.amount !== (amount ?? remaining)) throw new Error(`${event.amount} refunded for ${amount}`);
    checkSpread(left, event.amount, event.parts);
    if (remaining <= COUNTED_UP_TO) expectSame(event.parts, countedSpread(left, event.amount), 'counted');
    left = less(left, event.parts);
    expectSame(less(charged, event.refunded), left, 'sums of all refunds');
    checkPayers(charged, event, { restored, ...paid });
    paid.uncollected += event.uncollected;
    paid.allowance += event.allowance;
    restored.push(...event.restored);
  };
  for (const thousandths of asked.asks) {
    const part = (sumOf(left) * BigInt(thousandths)) / 1_000n;
    refund(part === 0n ? 1n : part);
  }
  refund(undefined);
  if (sumOf(left) !== 0n) throw new Error(`${sumOf(left)} left after a full refund`);
  checkReversal(charged, restored, paid);
  refund(1n);
  refund(undefined);
  return count;
}

const refundCommand = (refundId: string, amount: bigint | undefined): WalletCommand => ({
  type: 'RefundPrompt',
  userId: USER,
  runId: RUN,
  refundId: RefundId.of(refundId),
  ...(amount === undefined ? {} : { amount }),
  reason: 'quality',
});

function charge(life: WalletLife, asked: RefundCase): PromptCharged | undefined {
  const { plan, lots, late, byok, tokens, creatorFee } = asked;
  life.send({ type: 'OpenWallet', userId: USER, plan, mayGrant: true }, NOW);
  lots.forEach(({ kind, amount: size, lives }, i) => {
    const more = lives === undefined ? {} : { expiresAt: NOW + lives * DAY_MS };
    const base = { type: 'AddCredits', userId: USER, amount: size, ...more } as const;
    life.send(
      kind === 'promo'
        ? { ...base, kind, reason: 'bonus' }
        : { ...base, kind, paymentId: PaymentId.of(`pay-${i}`) },
      NOW,
    );
  });
  const run = {
    userId: USER,
    runId: RUN,
    model: 'gpt-3.5-turbo',
    byok: byok && plan !== 'FREE',
    purpose: 'run' as const,
    creatorId: CREATOR,
    creatorFee,
  };
  const holdId = HoldId.of('hold-1');
  if (late) {
    const estimate = { amount: creatorFee + 1n };
    life.send({ type: 'AuthoriseRun', ...run, holdId, estimate, ttlMs: 1_000 }, NOW);
  }
  const counts = { inputTokens: tokens, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const decision = life.send(
    { type: 'ChargePrompt', ...run, tokens: counts, ...(late ? { holdId } : {}) },
    NOW + 2_000,
  );
  if (decision.kind === 'refused') return undefined;
  return decision.events.find(({ type }) => type === 'PromptCharged') as PromptCharged;
}

function happenMeanwhile(life: WalletLife, { meanwhile, lots }: RefundCase): number {
  if (meanwhile === 'lapse') return NOW + 2 * DAY_MS;
  const bought = lots.findIndex(({ kind }) => kind === 'purchased');
  if (meanwhile === 'revoke' && bought >= 0) {
    const paymentId = PaymentId.of(`pay-${bought}`);
    life.send({ type: 'RevokeCredits', userId: USER, reason: 'chargeback', paymentId }, NOW + 3_000);
  }
  return NOW + 4_000;
}

interface PaidBack {
  readonly restored: readonly LotRestored[];
  readonly uncollected: bigint;
  readonly allowance: bigint;
}

/** What nobody paid goes first, then the lots, last drawn first, then the allowance; nothing more than it paid. */
function checkPayers(charged: PromptCharged, event: PromptRefunded, before: PaidBack): void {
  const { amount: asked } = event;
  const shortLeft = charged.uncollected - before.uncollected;
  const expected: { readonly lotId: string; readonly amount: bigint }[] = [];
  let rest = asked - (asked < shortLeft ? asked : shortLeft);
  if (event.uncollected !== asked - rest) throw new Error(`${event.uncollected} uncollected is cancelled`);
  for (const { lotId, amount: drawn } of [...charged.draws].reverse()) {
    const drawnLeft = drawn - sumOfLot(before.restored, lotId);
    const part = rest < drawnLeft ? rest : drawnLeft;
    if (part > 0n) expected.push({ lotId, amount: part });
    rest -= part;
  }
  const given = event.restored.map(({ lotId, amount: part }) => ({ lotId, amount: part }));
  if (JSON.stringify(given, asText) !== JSON.stringify(expected, asText))
    throw new Error(`Restored ${JSON.stringify(given, asText)}, not ${JSON.stringify(expected, asText)}`);
  if (event.allowance !== rest) throw new Error(`The allowance gets ${event.allowance}, not ${rest}`);
}

/** A full refund reverses the charge to the credit, in every component and for everyone who paid. */
function checkReversal(
  charged: PromptCharged,
  restored: readonly LotRestored[],
  paid: Omit<PaidBack, 'restored'>,
): void {
  for (const { lotId, amount: drawn } of charged.draws) {
    if (sumOfLot(restored, lotId) !== drawn) throw new Error(`Lot ${lotId} does not have its ${drawn} back`);
  }
  if (paid.uncollected !== charged.uncollected || paid.allowance !== charged.allowance)
    throw new Error('What nobody paid, or the allowance did, is not cancelled');
}

function expectRefused(decision: ReturnType<WalletLife['send']>, remaining: bigint): void {
  if (decision.kind === 'accepted') throw new Error(`More than the ${remaining} left was refunded`);
  const { refusal } = decision;
  if (refusal.code !== 'refund.exceeds_charge' || refusal.remaining !== remaining)
    throw new Error(`Refused as ${JSON.stringify(refusal, asText)}, with ${remaining} left`);
}

function expectSame(actual: RefundParts, expected: RefundParts, what: string): void {
  for (const component of COMPONENTS) {
    if (actual[component] !== expected[component])
      throw new Error(`${what}: ${component} is ${actual[component]}, not ${expected[component]}`);
  }
}

const less = (all: RefundParts, gone: RefundParts): RefundParts => ({
  inference: all.inference - gone.inference,
  markup: all.markup - gone.markup,
  byokFee: all.byokFee - gone.byokFee,
  platformShare: all.platformShare - gone.platformShare,
  creatorShare: all.creatorShare - gone.creatorShare,
});

const sumOfLot = (parts: readonly LotRestored[], lotId: string): bigint =>
  parts.reduce((sum, part) => (part.lotId === lotId ? sum + part.amount : sum), 0n);

const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
