import fc from 'fast-check';
import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import { type CreatorEvent, PAYOUT_STATES, SOURCE_KINDS } from '#libs/ledger/creator/events.js';
import { amount, type ArbitraryEvents, ids, text, time, userId, withOptional } from './common.js';

const fact = <T extends string>(type: T) => ({
  type: fc.constant(type),
  creatorId: ids(CreatorId),
  at: time,
});
const payout = { payoutId: ids(PayoutId), amount };
const source = fc.record({
  kind: fc.constantFrom(...SOURCE_KINDS),
  position: amount,
  eventId: text,
  userId,
  reference: text,
});
const funding = fc.record({
  purchased: amount,
  promo: amount,
  monthly: amount,
  adjustment: amount,
  legacy: amount,
  allowance: amount,
  uncollected: amount,
});

export const CREATORS: ArbitraryEvents<CreatorEvent> = {
  CreatorPaid: fc.record({ ...fact('CreatorPaid'), amount, earnedAt: time, funding, source }),
  CreatorEarningsReversed: fc.record({
    ...fact('CreatorEarningsReversed'),
    amount,
    earnedAt: time,
    source,
  }),
  PayoutDestinationVerified: fc.record({
    ...fact('PayoutDestinationVerified'),
    provider: text,
    reference: text,
  }),
  PayoutRequested: fc.record({
    ...fact('PayoutRequested'),
    ...payout,
    provider: text,
    destination: text,
  }),
  PayoutSent: withOptional({ ...fact('PayoutSent'), ...payout }, { reference: text }),
  PayoutSettled: withOptional({ ...fact('PayoutSettled'), ...payout }, { reference: text }),
  PayoutFailed: fc.record({
    ...fact('PayoutFailed'),
    ...payout,
    failedFrom: fc.constantFrom(...PAYOUT_STATES.filter((state) => state !== 'failed')),
    reason: text,
  }),
};
