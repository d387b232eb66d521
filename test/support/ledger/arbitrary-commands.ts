import fc from 'fast-check';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import {
  CLOSING_REMAINDERS,
  FREEZE_REASONS,
  PROMO_REASONS,
  PROMPT_VISIBILITIES,
  REFUND_REASONS,
} from '#libs/ledger/wallet/vocabulary.js';
import { EXPECTED_MODELS } from '../expected-pricing.js';
import type { Intent, Step } from './intents.js';
import { USER } from './wallet-builders.js';

/** What people and services may want of a wallet, at random: few ids, so that repeats are common. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const GB = 1_000_000_000;

/** Present in so many cases of a hundred. */
const sometimes = <T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });

const id = (prefix: string, most: number) => fc.nat(most).map((n) => `${prefix}-${n}`);
/** From a credit to far more than a month's grant. */
const amount = fc.oneof(
  { weight: 2, arbitrary: fc.bigInt(1n, 50n) },
  { weight: 4, arbitrary: fc.bigInt(1n, 20_000n) },
  { weight: 2, arbitrary: fc.bigInt(1n, 300_000n) },
  { weight: 1, arbitrary: fc.bigInt(1n, 10n ** 9n) },
);
/** Counted back from the last: the newest are what is asked about most. */
const back = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(8) });
const count = fc.oneof(fc.nat(30), fc.nat(20_000));
const tokens = fc.record({
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
});

const model = fc.oneof(
  // Those that every plan has.
  { weight: 20, arbitrary: fc.constantFrom('deepseek', 'gpt-3.5-turbo') },
  { weight: 8, arbitrary: fc.constantFrom(...EXPECTED_MODELS) },
  { weight: 1, arbitrary: fc.constantFrom('acme-1', 'acme-1', 'acme-2', 'unknown-model') },
);
/** The user is a creator too: own prompts and own flows occur. */
const creator = fc.constantFrom('c-1', 'c-2', 'c-2', USER);
const madeBy = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ creatorFee: 0n }) },
  { weight: 3, arbitrary: fc.record({ creatorId: creator, creatorFee: fc.bigInt(0n, 20_000n) }) },
);
const run = fc
  .record({
    runId: id('run', 30),
    model,
    byok: fc.nat(9).map((n) => n === 0),
    purpose: fc.constantFrom('run' as const, 'run' as const, 'test' as const),
    made: madeBy,
    quotedMs: sometimes(12, fc.integer({ min: -HOUR_MS / 4, max: HOUR_MS })),
  })
  .map(({ made, quotedMs, ...rest }) => ({
    ...rest,
    ...made,
    ...(quotedMs === undefined ? {} : { quotedMs }),
  }));

const lives = sometimes(50, fc.oneof(fc.nat(2 * HOUR_MS), fc.nat(40 * DAY_MS)));

const charge = fc
  .tuple(run, tokens)
  .map(([asked, used]) => ({ do: 'charge', ...asked, tokens: used }) as const);

const hold = fc
  .record({
    holdId: id('hold', 30),
    run,
    estimate: fc.oneof(
      fc.record({ tokens }),
      // At least the creator fee, which is part of it.
      fc.record({ above: fc.oneof(fc.bigInt(0n, 5_000n), fc.bigInt(0n, 200_000n)) }),
    ),
    ttlMs: fc.oneof(
      fc.constant(15 * MINUTE_MS),
      fc.integer({ min: 1, max: 86_400 }).map((seconds) => seconds * 1_000),
    ),
  })
  .map(({ run: asked, ...rest }) => ({ do: 'hold', ...asked, ...rest }) as const);

const NOTHING_ODD = 24;
const settle = fc
  .record({
    back,
    tokens,
    feePercent: fc.constantFrom(100, 100, 100, 50, 0, 101),
    odd: fc.nat(NOTHING_ODD + 6),
  })
  .map(
    ({ odd, ...rest }) =>
      ({
        do: 'settle',
        ...rest,
        ...(odd > NOTHING_ODD
          ? {
              odd: (['runId', 'model', 'purpose', 'byok', 'creatorId', 'holdId'] as const)[
                odd - NOTHING_ODD - 1
              ]!,
            }
          : {}),
      }) as const,
  );

const intents: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Intent> }[] = [
  { weight: 10, arbitrary: charge },
  { weight: 8, arbitrary: hold },
  { weight: 7, arbitrary: settle },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), back }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      refundId: id('refund', 40),
      back,
      /** Of what the charge cost, as far as known; all when absent. */
      amount: sometimes(65, fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, 20_000n))),
      reason: fc.constantFrom(...REFUND_REASONS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('purchase' as const),
      paymentId: id('pay', 30),
      amount,
      livesMs: lives,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('give' as const),
      kind: fc.constantFrom('promo' as const, 'adjustment' as const),
      amount,
      livesMs: lives,
      reason: fc.constantFrom(...PROMO_REASONS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('revoke' as const), back }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reinstate' as const), back }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('correct' as const), amount }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('unlock' as const),
      flowId: id('flow', 5),
      creatorId: creator,
      price: fc.bigInt(1n, 60_000n),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('refundFlow' as const),
      refundId: id('refund', 40),
      back,
      reason: fc.constantFrom(...REFUND_REASONS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      plan: fc.constantFrom('PRO' as const, 'ELITE' as const, 'ENTERPRISE' as const),
      paymentId: id('pay', 30),
      fromMs: fc.integer({ min: -20 * DAY_MS, max: 5 * DAY_MS }),
      livesMs: fc.integer({ min: DAY_MS, max: 90 * DAY_MS }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('changePlan' as const),
      plan: fc.constantFrom(...PLAN_NAMES),
      mayGrant: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'cancelPlanChange' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('createPrompt' as const),
      promptId: id('prompt', 9),
      visibility: fc.constantFrom(...PROMPT_VISIBILITIES),
      sizeBytes: fc.oneof(fc.nat(1_000), fc.nat(GB), fc.integer({ min: 0, max: 30 * GB })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        do: fc.constant('changePrompt' as const),
        promptId: id('prompt', 9),
        visibility: fc.constantFrom(...PROMPT_VISIBILITIES),
        sizeBytes: fc.integer({ min: 0, max: 2 * GB }),
      },
      { requiredKeys: ['do', 'promptId', 'sizeBytes'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('deletePrompt' as const), promptId: id('prompt', 9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('freeze' as const),
      reason: fc.constantFrom(...FREEZE_REASONS),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: 'unfreeze' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('thresholds' as const),
      thresholds: fc.uniqueArray(amount, { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'advance' as const }) },
];

/** Ends a life for good, so it is rare. */
const closing = fc.record({
  do: fc.constant('close' as const),
  remainder: fc.constantFrom(...CLOSING_REMAINDERS),
});

/** Where credits are scarce, more can go wrong. */
export const openIntent = fc.record({
  do: fc.constant('open' as const),
  plan: fc.constantFrom('FREE' as const, 'FREE' as const, 'ELITE' as const, ...PLAN_NAMES),
  mayGrant: fc.nat(24).map((n) => n > 0),
});

const afterMs = fc.oneof(
  { weight: 20, arbitrary: fc.nat(2 * MINUTE_MS) },
  { weight: 3, arbitrary: fc.nat(HOUR_MS) },
  { weight: 2, arbitrary: fc.nat(4 * DAY_MS) },
  { weight: 1, arbitrary: fc.nat(70 * DAY_MS) },
  { weight: 1, arbitrary: fc.integer({ min: -DAY_MS, max: 0 }) },
);

const RARELY = 300;
const intent = fc.oneof(
  { weight: RARELY - 2, arbitrary: fc.oneof(...intents) },
  { weight: 1, arbitrary: closing },
  { weight: 1, arbitrary: openIntent },
);

export const arbitraryStep: fc.Arbitrary<Step> = fc.record({ intent, afterMs });

/** Little is bought and much is asked, so runs go unpaid; and payments are taken back, under open holds too. */
const STRUGGLE: readonly Intent['do'][] = [
  'charge',
  'hold',
  'settle',
  'release',
  'refund',
  'purchase',
  'revoke',
  'reinstate',
  'unlock',
  'refundFlow',
];
const scarceStep: fc.Arbitrary<Step> = fc.record({
  intent: fc
    .oneof(...intents)
    .filter((wanted) => STRUGGLE.includes(wanted.do))
    .map((wanted): Intent => {
      if (wanted.do === 'purchase') return { ...wanted, amount: (wanted.amount % SCARCE) + 1n };
      return wanted.do === 'hold' || wanted.do === 'charge'
        ? { ...wanted, purpose: 'run', byok: false }
        : wanted;
    }),
  afterMs: fc.oneof(
    { weight: 30, arbitrary: fc.nat(MINUTE_MS) },
    { weight: 3, arbitrary: fc.nat(HOUR_MS) },
    { weight: 1, arbitrary: fc.nat(20 * DAY_MS) },
  ),
});
/** Credits. */
const SCARCE = 15_000n;

/** A wallet's life: opened on some plan, mostly as the first thing, then up to `stepsMax` steps. */
export const arbitraryLife = (stepsMax: number): fc.Arbitrary<readonly Step[]> => {
  const some = (minLength: number, step: fc.Arbitrary<Step>) =>
    fc.array(step, { minLength, maxLength: stepsMax, size: 'max' });
  return fc
    .tuple(
      fc.nat(19),
      openIntent,
      fc.oneof(some(0, arbitraryStep), some(stepsMax, arbitraryStep), some(stepsMax, scarceStep)),
    )
    .map(([late, opening, steps]) => {
      const first: Step = { intent: opening, afterMs: 0 };
      return late === 0 ? [...steps.slice(0, 1), first, ...steps.slice(1)] : [first, ...steps];
    });
};
