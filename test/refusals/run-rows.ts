import { HoldId, RunId } from '#libs/kernel/ids.js';
import type { QuotedTerms } from '#libs/ledger/wallet/commands.js';
import { LATE_SETTLE_MS_MAX } from '#libs/ledger/wallet/evolve.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import {
  authorise,
  held,
  HOLD,
  parts,
  refund,
  refunded,
  release,
  released,
} from '#test/support/ledger/run-builders.js';
import { charge, charged, CREATOR, NOW, opened, tokens } from '#test/support/ledger/wallet-builders.js';
import { closedWallet, frozen, holding, noWallet, row } from './rows.js';
import type { RefusedCommand } from './table.js';

const lapsedQuote: QuotedTerms = {
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  byokFeeBasisPoints: 0n,
  expiresAt: NOW,
};
const ran = charged([], { total: 0n, inference: 0n, markup: 0n });
const testsUsed: readonly WalletEvent[] = Array.from({ length: 100 }, (_, i) =>
  charged([], { total: 0n, inference: 0n, markup: 0n, purpose: 'test', runId: RunId.of(`test-${i}`) }),
);
/** Test runs used up on FREE, and 10 credits left. */
const poor = [...holding(10n), ...testsUsed];

/** Everything is wrong with the run; each row mends what the rows above it found. */
const wrong = { model: 'gpt-5', byok: true, purpose: 'test', quote: lapsedQuote } as const;
const { quote: _, ...unquoted } = wrong;

const direct = charge({ ...wrong, tokens: tokens(1_000_000) });
const hold = authorise(1_000_000n, wrong);

const chargeRows: RefusedCommand = {
  command: 'Charge a prompt',
  route: 'POST /api/credits/charge-prompt',
  rows: [
    noWallet(direct),
    closedWallet([...poor, ran, frozen], direct),
    row('wallet.frozen', 'the wallet is frozen', [...poor, ran, frozen], direct),
    row('run.already_charged', 'the run id was charged before', [...poor, ran], direct),
    row('quote.expired', 'the quote has ended', poor, direct),
    row('model.unpriced', 'the rate card has no rate for the model', poor, charge({ ...unquoted })),
    row(
      'plan.model_not_included',
      'the plan does not include the model',
      poor,
      charge({ ...unquoted, model: 'gpt-4' }),
    ),
    row(
      'plan.byok_not_included',
      "the plan does not include runs on the user's own provider key",
      poor,
      charge({ ...unquoted, model: 'deepseek' }),
    ),
    row(
      'plan.test_runs_exhausted',
      'the month has no test run left',
      poor,
      charge({ model: 'deepseek', purpose: 'test', tokens: tokens(1_000_000) }),
    ),
    row(
      'wallet.insufficient_credits',
      'available is less than what no allowance covers; says needed and available',
      holding(10n),
      charge({ model: 'deepseek', tokens: tokens(1_000_000) }),
    ),
  ],
};

const holdRows: RefusedCommand = {
  command: 'Authorise a run',
  route: 'POST /api/credits/holds',
  rows: [
    noWallet(hold),
    closedWallet([...poor, held(0n, []), ran, frozen], hold),
    row('wallet.frozen', 'the wallet is frozen', [...poor, held(0n, []), ran, frozen], hold),
    row('hold.id_used', 'the hold id was used before', [...poor, held(0n, []), ran], hold),
    row('run.already_charged', 'the run id was charged before', [...poor, ran], hold),
    row('quote.expired', 'the quote has ended', poor, hold),
    row('model.unpriced', 'the rate card has no rate for the model', poor, authorise(1_000_000n, unquoted)),
    row(
      'plan.model_not_included',
      'the plan does not include the model',
      poor,
      authorise(1_000_000n, { ...unquoted, model: 'gpt-4' }),
    ),
    row(
      'plan.byok_not_included',
      "the plan does not include runs on the user's own provider key",
      poor,
      authorise(1_000_000n, { ...unquoted, model: 'deepseek' }),
    ),
    row(
      'plan.test_runs_exhausted',
      'the month has no test run left',
      poor,
      authorise(1_000_000n, { model: 'deepseek', purpose: 'test' }),
    ),
    row(
      'request.invalid',
      'amount is less than its creator fee',
      holding(10n),
      authorise(20n, { model: 'deepseek', creatorId: CREATOR, creatorFee: 21n }),
    ),
    row(
      'wallet.insufficient_credits',
      'available is less than what no allowance covers; says needed and available',
      holding(10n),
      authorise(11n, { model: 'deepseek' }),
    ),
  ],
};

const open = held(0n, [], { at: NOW - LATE_SETTLE_MS_MAX - 1_000_000, model: 'deepseek' });
const lapsed = released('timeout', [], { at: open.expiresAt });
const settleOther = charge({ holdId: HOLD, model: 'gpt-4' });
const settle = [...holding(0n).slice(0, 1), open];

const settleRows: RefusedCommand = {
  command: 'Settle a hold',
  route: 'POST /api/credits/charge-prompt with holdId',
  rows: [
    noWallet(settleOther),
    row('hold.not_found', 'the wallet never had the hold', [opened('FREE'), ran], settleOther),
    row('hold.closed', 'it is settled', [...settle, { ...ran, holdId: HOLD }], settleOther),
    row(
      'hold.closed',
      'it was released by its caller',
      [...settle, released('caller', []), ran],
      settleOther,
    ),
    row(
      'run.already_charged',
      'the run id was charged before, directly or through another hold',
      [...settle, lapsed, { ...ran, at: lapsed.at }],
      settleOther,
    ),
    row('hold.expired', 'the hold lapsed more than 7 days ago', [...settle, lapsed], settleOther),
    row(
      'request.invalid',
      'runId, model, purpose, byok or creatorId differ from those of the hold, or the creator fee exceeds it',
      [opened('FREE'), held(0n, [], { model: 'deepseek' })],
      settleOther,
    ),
  ],
};

const releaseRows: RefusedCommand = {
  command: 'Release a hold',
  route: 'POST /api/credits/holds/:id/release',
  rows: [
    noWallet(release()),
    row('hold.not_found', 'the wallet never had the hold', [opened()], release(HoldId.of('hold-9'))),
    row(
      'hold.closed',
      'it is settled, released or timed out',
      [opened(), held(0n, []), released('caller', [])],
      release(),
    ),
  ],
};

const all = refunded(33_000n, {
  parts: parts({ inference: 30_000n, markup: 3_000n }),
  restored: [],
  allowance: 33_000n,
});
const refundRows: RefusedCommand = {
  command: 'Refund a run',
  route: 'POST /api/credits/refunds',
  rows: [
    noWallet(refund()),
    closedWallet([opened('ELITE'), charged([], { allowance: 33_000n }), all], refund()),
    row(
      'refund.id_used',
      'the refund id was used before, for a run or a flow',
      [opened('ELITE'), charged([], { allowance: 33_000n }), all],
      refund(undefined, { runId: RunId.of('run-9') }),
    ),
    row('run.not_found', 'the wallet was never charged for the run', [opened()], refund(10n ** 17n)),
    row(
      'refund.exceeds_charge',
      'less is left of the charge, or nothing; says remaining',
      [opened('ELITE'), charged([], { allowance: 33_000n })],
      refund(33_001n),
    ),
  ],
};

export const RUN_REFUSALS: readonly RefusedCommand[] = [
  chargeRows,
  holdRows,
  settleRows,
  releaseRows,
  refundRows,
];
