import { assertNever } from '#libs/kernel/assert-never.js';
import { periodStart } from '#libs/kernel/period.js';
import { dayStart } from '#libs/ledger/creator/earnings.js';
import type {
  CreatorEarningsReversed,
  CreatorPaid,
  PayoutFailed,
  PayoutRequested,
  PayoutSent,
  PayoutSettled,
} from '#libs/ledger/creator/events.js';
import { payoutState } from '#libs/ledger/creator/payouts.js';
import type { Change, LoggedEvent, Projection } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import {
  type CreatorEarningsRow,
  type CreatorPayoutRow,
  dayRows,
  earningsRows,
  type MovementKind,
  movementRows,
  NO_EARNINGS,
  payoutRows,
} from './tables.js';

/** What each creator has earned, what refunds took back, and what was paid out. */
export const creatorEarnings: Projection = {
  name: 'creator-earnings',
  version: 2,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [earningsRows, dayRows, movementRows, payoutRows],
  project,
};

function project(logged: LoggedEvent): readonly Change[] {
  const { event } = logged;
  switch (event.type) {
    case 'CreatorPaid':
      return paid(event, logged);
    case 'CreatorEarningsReversed':
      return reversed(event, logged);
    case 'PayoutDestinationVerified':
      return [
        earned(event.creatorId, {
          destinationProvider: event.provider,
          destinationReference: event.reference,
        }),
      ];
    case 'PayoutRequested':
    case 'PayoutSent':
    case 'PayoutSettled':
    case 'PayoutFailed':
      return payout(event, logged);
    default:
      return [];
  }
}

const earned = (creatorId: string, more: Partial<CreatorEarningsRow>): Change =>
  earningsRows.change({ ...NO_EARNINGS, ...more, creatorId });

type Moved = readonly (readonly [kind: MovementKind, amount: bigint])[];

/** Movements of one event, in the month in which the store recorded it: a month of the books is a stretch of the log. */
function moved(creatorId: string, { recordedAt }: LoggedEvent, movements: Moved): Change[] {
  const monthMs = periodStart(recordedAt);
  return movements.flatMap(([kind, amount]) =>
    amount === 0n ? [] : [movementRows.change({ creatorId, monthMs, kind, amount, count: 1 })],
  );
}

function paid(event: CreatorPaid, logged: LoggedEvent): Change[] {
  const { creatorId, amount, earnedAt, funding } = event;
  const fromPrompt = event.source.kind === 'prompt';
  return [
    earned(creatorId, {
      earned: amount,
      promptSources: fromPrompt ? 1 : 0,
      flowSources: fromPrompt ? 0 : 1,
      firstEarnedAtMs: earnedAt,
      lastEarnedAtMs: earnedAt,
    }),
    dayRows.change({ creatorId, dayMs: dayStart(earnedAt), earned: amount, reversed: 0n }),
    ...moved(creatorId, logged, [
      ['owed', amount],
      [fromPrompt ? 'earned_prompt' : 'earned_flow', amount],
      ['funded_purchased', funding.purchased],
      ['funded_promo', funding.promo],
      ['funded_monthly', funding.monthly],
      ['funded_adjustment', funding.adjustment],
      ['funded_legacy', funding.legacy],
      ['funded_allowance', funding.allowance],
      ['funded_uncollected', funding.uncollected],
    ]),
  ];
}

function reversed(event: CreatorEarningsReversed, logged: LoggedEvent): Change[] {
  const { creatorId, amount, earnedAt } = event;
  return [
    earned(creatorId, { reversed: amount }),
    dayRows.change({ creatorId, dayMs: dayStart(earnedAt), earned: 0n, reversed: amount }),
    ...moved(creatorId, logged, [
      ['owed', -amount],
      [event.source.kind === 'prompt_refund' ? 'reversed_prompt' : 'reversed_flow', amount],
    ]),
  ];
}

type PayoutEvent = PayoutRequested | PayoutSent | PayoutSettled | PayoutFailed;

function payout(event: PayoutEvent, logged: LoggedEvent): Change[] {
  const { inPayout, isPaid, owed, kind } = movementOf(event);
  const { creatorId } = event;
  return [
    ...(inPayout === 0n && isPaid === 0n ? [] : [earned(creatorId, { inPayout, paid: isPaid })]),
    payoutRows.change(payoutRow(event, logged)),
    ...moved(creatorId, logged, [
      ['owed', owed],
      ['in_payout', inPayout],
      ['paid', isPaid],
      [kind, event.amount],
    ]),
  ];
}

interface PayoutMovement {
  readonly kind: MovementKind;
  readonly owed: bigint;
  readonly inPayout: bigint;
  readonly isPaid: bigint;
}

function movementOf(event: PayoutEvent): PayoutMovement {
  const { amount } = event;
  switch (event.type) {
    case 'PayoutRequested':
      return { kind: 'payout_requested', owed: -amount, inPayout: amount, isPaid: 0n };
    case 'PayoutSent':
      return { kind: 'payout_sent', owed: 0n, inPayout: 0n, isPaid: 0n };
    case 'PayoutSettled':
      return { kind: 'payout_settled', owed: 0n, inPayout: -amount, isPaid: amount };
    case 'PayoutFailed': {
      const wasPaid = event.failedFrom === 'settled';
      return {
        kind: `payout_failed_${event.failedFrom}`,
        owed: amount,
        inPayout: wasPaid ? 0n : -amount,
        isPaid: wasPaid ? -amount : 0n,
      };
    }
    default:
      return assertNever(event);
  }
}

function payoutRow(event: PayoutEvent, { position }: LoggedEvent): CreatorPayoutRow {
  const { creatorId, payoutId, amount, at, type } = event;
  const requested = type === 'PayoutRequested';
  const failed = type === 'PayoutFailed';
  return {
    creatorId,
    payoutId,
    position,
    amount,
    state: payoutState(event),
    provider: requested ? event.provider : undefined,
    destination: requested ? event.destination : undefined,
    requestedAtMs: requested ? at : undefined,
    sentAtMs: type === 'PayoutSent' ? at : undefined,
    settledAtMs: type === 'PayoutSettled' ? at : undefined,
    failedAtMs: failed ? at : undefined,
    reference: requested || failed ? undefined : event.reference,
    failedFrom: failed ? event.failedFrom : undefined,
    reason: failed ? event.reason : undefined,
  };
}
