import type {
  CreatorEarningsReversed,
  CreatorEvent,
  CreatorPaid,
  PayoutSent,
  PayoutSettled,
} from '#libs/ledger/creator/events.js';
import { isoTime, type Mappings, present } from './mapping.js';

export const MAPPED_CREATOR_EVENTS: Mappings<CreatorEvent> = {
  CreatorPaid: { as: 'promptflow.creator.paid.v1', data: (event) => earningOf(event) },
  CreatorEarningsReversed: {
    as: 'promptflow.creator.earnings_reversed.v1',
    data: (event) => earningOf(event),
  },
  PayoutDestinationVerified: {
    as: 'promptflow.payout.destination_verified.v1',
    data: ({ creatorId, at, provider, reference }) => ({ creatorId, at: isoTime(at), provider, reference }),
  },
  PayoutRequested: {
    as: 'promptflow.payout.requested.v1',
    data: ({ creatorId, at, payoutId, amount, provider, destination }) => ({
      creatorId,
      at: isoTime(at),
      payoutId,
      amount: amount.toString(),
      provider,
      destination,
    }),
  },
  PayoutSent: { as: 'promptflow.payout.sent.v1', data: (event) => transferOf(event) },
  PayoutSettled: { as: 'promptflow.payout.settled.v1', data: (event) => transferOf(event) },
  PayoutFailed: {
    as: 'promptflow.payout.failed.v1',
    data: ({ creatorId, at, payoutId, amount, failedFrom, reason }) => ({
      creatorId,
      at: isoTime(at),
      payoutId,
      amount: amount.toString(),
      failedFrom,
      reason,
    }),
  },
};

/** Without the user who paid: a creator is not told who runs their prompts. */
const earningOf = ({ creatorId, at, amount, earnedAt, source }: CreatorPaid | CreatorEarningsReversed) => ({
  creatorId,
  at: isoTime(at),
  amount: amount.toString(),
  earnedAt: isoTime(earnedAt),
  source: source.kind,
  reference: source.reference,
  sourceEventId: source.eventId,
});

const transferOf = ({ creatorId, at, payoutId, amount, reference }: PayoutSent | PayoutSettled) =>
  present({ creatorId, at: isoTime(at), payoutId, amount: amount.toString(), reference });
