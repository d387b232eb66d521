import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import type {
  MarkPayout,
  RequestPayout,
  SettleSources,
  SourceToSettle,
} from '#libs/ledger/creator/commands.js';
import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type {
  CreatorEarningsReversed,
  CreatorEvent,
  CreatorPaid,
  Funding,
  PayoutDestinationVerified,
  PayoutFailed,
  PayoutRequested,
  PayoutSent,
  PayoutSettled,
} from '#libs/ledger/creator/events.js';
import { creatorIdsOf } from '#libs/ledger/creator/ids.js';
import { type Creator, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { type CreatorTerms, DAY_MS, STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import type { Decision, Past } from '#libs/ledger/decision.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import { COMMAND_ID, CREATOR, NOW, USER } from './wallet-builders.js';

/** Commands and events of one creator, complete by default; a test names only what it is about. */

export const NO_FUNDING: Funding = {
  purchased: 0n,
  promo: 0n,
  monthly: 0n,
  adjustment: 0n,
  legacy: 0n,
  allowance: 0n,
  uncollected: 0n,
};
export const DOLLAR = 1_000_000n;
/** Long enough before `NOW` that its earnings can be paid out. */
export const MATURED_AT = NOW - 30 * DAY_MS;
export const PAYOUT = PayoutId.of('payout-1');

const sourceAt = (position: bigint, kind: 'prompt' | 'prompt_refund') => ({
  kind,
  position,
  eventId: `event-${position}`,
  userId: USER,
  reference: `run-${position}`,
});

/** The share of a run charged at `earnedAt`, bought with purchased credits. */
export const earned = (position: bigint, amount: bigint, earnedAt = NOW - 1_000): SourceToSettle => ({
  kind: 'earned',
  source: sourceAt(position, 'prompt'),
  amount,
  earnedAt,
  funding: { ...NO_FUNDING, purchased: amount },
});

/** The share of a refund of a run charged at `earnedAt`. */
export const reversed = (position: bigint, amount: bigint, earnedAt = NOW - 1_000): SourceToSettle => ({
  kind: 'reversed',
  source: sourceAt(position, 'prompt_refund'),
  amount,
  earnedAt,
});

export const settle = (...sources: readonly SourceToSettle[]): SettleSources => ({
  type: 'SettleSources',
  creatorId: CreatorId.of(CREATOR),
  sources,
});

/** The event that settling the source writes. */
export function settledEvent(share: SourceToSettle, at = NOW): CreatorPaid | CreatorEarningsReversed {
  const { kind, ...rest } = share;
  return kind === 'earned'
    ? { type: 'CreatorPaid', creatorId: CREATOR, at, ...rest, funding: share.funding }
    : { type: 'CreatorEarningsReversed', creatorId: CREATOR, at, ...rest };
}

export const paid = (...share: Parameters<typeof earned>) => settledEvent(earned(...share));
export const takenBack = (...share: Parameters<typeof reversed>) => settledEvent(reversed(...share));

export const verified = (more: Partial<PayoutDestinationVerified> = {}): PayoutDestinationVerified => ({
  type: 'PayoutDestinationVerified',
  creatorId: CREATOR,
  at: NOW,
  provider: 'bank',
  reference: 'acct-1',
  ...more,
});

const payoutFact = { creatorId: CREATOR, at: NOW, payoutId: PAYOUT };

export const requested = (amount: bigint, more: Partial<PayoutRequested> = {}): PayoutRequested => ({
  type: 'PayoutRequested',
  ...payoutFact,
  amount,
  provider: 'bank',
  destination: 'acct-1',
  ...more,
});

export const sent = (amount: bigint, more: Partial<PayoutSent> = {}): PayoutSent => ({
  type: 'PayoutSent',
  ...payoutFact,
  amount,
  ...more,
});

export const settled = (amount: bigint, more: Partial<PayoutSettled> = {}): PayoutSettled => ({
  type: 'PayoutSettled',
  ...payoutFact,
  amount,
  ...more,
});

export const failed = (
  amount: bigint,
  failedFrom: PayoutFailed['failedFrom'],
  more: Partial<PayoutFailed> = {},
): PayoutFailed => ({
  type: 'PayoutFailed',
  ...payoutFact,
  amount,
  failedFrom,
  reason: 'returned',
  ...more,
});

export const request = (amount?: bigint, payoutId: PayoutId = PAYOUT): RequestPayout => ({
  type: 'RequestPayout',
  creatorId: CREATOR,
  payoutId,
  ...(amount === undefined ? {} : { amount }),
});

const payoutCommand = { creatorId: CREATOR, payoutId: PAYOUT };
export const markSent: MarkPayout = { type: 'MarkPayoutSent', ...payoutCommand };
export const markSettled: MarkPayout = { type: 'MarkPayoutSettled', ...payoutCommand };
export const markFailed: MarkPayout = { type: 'MarkPayoutFailed', ...payoutCommand, reason: 'returned' };

export const foldCreator = (events: readonly CreatorEvent[]): Creator =>
  events.reduce<Creator>((creator, event) => evolveCreator(creator, event), NO_CREATOR);

/** What the executor answers about a stream that holds these events. */
export const pastOfCreator = (events: readonly CreatorEvent[]): Past<CreatorEvent> => ({
  revisionOf: (id) => {
    const revision = events.findLastIndex((event) => creatorIdsOf(event).includes(id));
    return revision < 0 ? undefined : revision;
  },
  eventAt: (revision) => events[revision]!,
});

interface When {
  /** Milliseconds since the epoch. Default `NOW`. */
  readonly at?: number;
  readonly terms?: CreatorTerms;
}

interface Then {
  /** The decision is exactly these events, in this order, with every field. */
  then(...events: readonly CreatorEvent[]): void;
  thenRefused(refusal: Refusal): void;
  readonly decision: Decision<CreatorEvent>;
}

/** Whole-event tests: `givenCreator(paid(...), verified()).when(request()).then(requested(...))`. */
export const givenCreator = (...history: readonly CreatorEvent[]) => ({
  when(command: CreatorCommand, { at = NOW, terms = STANDARD_CREATOR_TERMS }: When = {}): Then {
    const context = { now: at, commandId: COMMAND_ID, past: pastOfCreator(history) };
    const decision = decideCreator(foldCreator(history), command, context, terms);
    return {
      decision,
      then: (...events) => expect(decision).toEqual({ kind: 'accepted', events }),
      thenRefused: (refusal) => expect(decision).toEqual({ kind: 'refused', refusal }),
    };
  },
});
