import { type CreatorEvent, type Funding, SOURCE_KINDS } from '#libs/ledger/creator/events.js';
import type { Codecs } from './codec.js';
import { amountText, type FieldReader, type StoredFields, timeText } from './fields.js';

export const creatorCodecs: Codecs<CreatorEvent> = {
  CreatorPaid: {
    storedType: 'CreatorPaid.v1',
    encode: (event) => ({
      creatorId: event.creatorId,
      at: timeText(event.at),
      amount: event.amount.toString(),
      earnedAt: timeText(event.earnedAt),
      sourceKind: event.source.kind,
      sourcePosition: event.source.position.toString(),
      sourceEventId: event.source.eventId,
      sourceUserId: event.source.userId,
      sourceReference: event.source.reference,
      ...encodeFunding(event.funding),
    }),
    decode: (fields) => ({
      type: 'CreatorPaid',
      creatorId: fields.text('creatorId'),
      at: fields.time('at'),
      amount: fields.amount('amount'),
      earnedAt: fields.time('earnedAt'),
      source: {
        kind: fields.oneOf('sourceKind', SOURCE_KINDS),
        position: fields.amount('sourcePosition'),
        eventId: fields.text('sourceEventId'),
        userId: fields.text('sourceUserId'),
        reference: fields.text('sourceReference'),
      },
      funding: decodeFunding(fields),
    }),
  },
};

const encodeFunding = (funding: Funding): StoredFields => ({
  fundedPurchased: amountText(funding.purchased),
  fundedPromo: amountText(funding.promo),
  fundedMonthly: amountText(funding.monthly),
  fundedAdjustment: amountText(funding.adjustment),
  fundedLegacy: amountText(funding.legacy),
  fundedAllowance: amountText(funding.allowance),
});

const decodeFunding = (fields: FieldReader): Funding => ({
  purchased: fields.amountOrZero('fundedPurchased'),
  promo: fields.amountOrZero('fundedPromo'),
  monthly: fields.amountOrZero('fundedMonthly'),
  adjustment: fields.amountOrZero('fundedAdjustment'),
  legacy: fields.amountOrZero('fundedLegacy'),
  allowance: fields.amountOrZero('fundedAllowance'),
});
