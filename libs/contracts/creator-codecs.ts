import {
  type CreatorEvent,
  type EarningSource,
  type Funding,
  type PayoutFailed,
  type PayoutRequested,
  type PayoutSent,
  type PayoutSettled,
  PAYOUT_STATES,
  SOURCE_KINDS,
} from '#libs/ledger/creator/events.js';
import type { Codec, Codecs } from './codec.js';
import { amountText, type FieldReader, type StoredFields, timeText } from './fields.js';

export const creatorCodecs: Codecs<CreatorEvent> = {
  CreatorPaid: {
    storedType: 'CreatorPaid.v1',
    // Written for every earning: a literal that begins with a spread costs four times as much.
    encode: ({ creatorId, at, amount, earnedAt, source, funding }) => ({
      creatorId,
      at: timeText(at),
      amount: amount.toString(),
      earnedAt: timeText(earnedAt),
      ...encodeSource(source),
      ...encodeFunding(funding),
    }),
    decode: (fields) => ({
      type: 'CreatorPaid',
      ...decodeShare(fields),
      funding: decodeFunding(fields),
    }),
  },
  CreatorEarningsReversed: {
    storedType: 'CreatorEarningsReversed.v1',
    encode: ({ creatorId, at, amount, earnedAt, source }) => ({
      creatorId,
      at: timeText(at),
      amount: amount.toString(),
      earnedAt: timeText(earnedAt),
      ...encodeSource(source),
    }),
    decode: (fields) => ({ type: 'CreatorEarningsReversed', ...decodeShare(fields) }),
  },
  PayoutDestinationVerified: {
    storedType: 'PayoutDestinationVerified.v1',
    encode: ({ creatorId, at, provider, reference }) => ({
      creatorId,
      at: timeText(at),
      provider,
      reference,
    }),
    decode: (fields) => ({
      type: 'PayoutDestinationVerified',
      creatorId: fields.text('creatorId'),
      at: fields.time('at'),
      provider: fields.text('provider'),
      reference: fields.text('reference'),
    }),
  },
  PayoutRequested: {
    storedType: 'PayoutRequested.v1',
    encode: (event) => ({
      ...encodePayout(event),
      provider: event.provider,
      destination: event.destination,
    }),
    decode: (fields) => ({
      type: 'PayoutRequested',
      ...decodePayout(fields),
      provider: fields.text('provider'),
      destination: fields.text('destination'),
    }),
  },
  PayoutSent: transferCodec('PayoutSent'),
  PayoutSettled: transferCodec('PayoutSettled'),
  PayoutFailed: {
    storedType: 'PayoutFailed.v1',
    encode: (event) => ({
      ...encodePayout(event),
      failedFrom: event.failedFrom,
      reason: event.reason,
    }),
    decode: (fields) => ({
      type: 'PayoutFailed',
      ...decodePayout(fields),
      failedFrom: fields.oneOf('failedFrom', FAILED_FROM),
      reason: fields.text('reason'),
    }),
  },
};

const FAILED_FROM = PAYOUT_STATES.filter((state) => state !== 'failed');

const encodeSource = ({ kind, position, eventId, userId, reference }: EarningSource): StoredFields => ({
  sourceKind: kind,
  sourcePosition: position.toString(),
  sourceEventId: eventId,
  sourceUserId: userId,
  sourceReference: reference,
});

const decodeShare = (fields: FieldReader) => ({
  creatorId: fields.text<PayoutSent['creatorId']>('creatorId'),
  at: fields.time('at'),
  amount: fields.amount('amount'),
  earnedAt: fields.time('earnedAt'),
  source: {
    kind: fields.oneOf('sourceKind', SOURCE_KINDS),
    position: fields.amount('sourcePosition'),
    eventId: fields.text('sourceEventId'),
    userId: fields.text<EarningSource['userId']>('sourceUserId'),
    reference: fields.text('sourceReference'),
  },
});

const encodeFunding = (funding: Funding): StoredFields => ({
  fundedPurchased: amountText(funding.purchased),
  fundedPromo: amountText(funding.promo),
  fundedMonthly: amountText(funding.monthly),
  fundedAdjustment: amountText(funding.adjustment),
  fundedLegacy: amountText(funding.legacy),
  fundedAllowance: amountText(funding.allowance),
  fundedUncollected: amountText(funding.uncollected),
});

const decodeFunding = (fields: FieldReader): Funding => ({
  purchased: fields.amountOrZero('fundedPurchased'),
  promo: fields.amountOrZero('fundedPromo'),
  monthly: fields.amountOrZero('fundedMonthly'),
  adjustment: fields.amountOrZero('fundedAdjustment'),
  legacy: fields.amountOrZero('fundedLegacy'),
  allowance: fields.amountOrZero('fundedAllowance'),
  uncollected: fields.amountOrZero('fundedUncollected'),
});

const encodePayout = (event: PayoutRequested | PayoutSent | PayoutSettled | PayoutFailed): StoredFields => ({
  creatorId: event.creatorId,
  at: timeText(event.at),
  payoutId: event.payoutId,
  amount: event.amount.toString(),
});

const decodePayout = (fields: FieldReader) => ({
  creatorId: fields.text<PayoutSent['creatorId']>('creatorId'),
  at: fields.time('at'),
  payoutId: fields.text<PayoutSent['payoutId']>('payoutId'),
  amount: fields.amount('amount'),
});

/** Sending and settling say the same: which payout, and the provider's reference if it gave one. */
function transferCodec<T extends 'PayoutSent' | 'PayoutSettled'>(
  type: T,
): Codec<Extract<PayoutSent | PayoutSettled, { type: T }>> {
  type Transfer = Extract<PayoutSent | PayoutSettled, { type: T }>;
  return {
    storedType: `${type}.v1`,
    encode: (event) => ({ ...encodePayout(event), reference: event.reference }),
    decode: (fields) =>
      ({
        type,
        ...decodePayout(fields),
        ...(fields.has('reference') ? { reference: fields.text('reference') } : {}),
      }) as Transfer,
  };
}
