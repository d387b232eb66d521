import type {
  CreditsAdded,
  CreditsExpired,
  CreditsReinstated,
  CreditsRevoked,
  LotRevoked,
} from '#libs/ledger/wallet/events.js';
import { REVOKE_REASONS } from '#libs/ledger/wallet/vocabulary.js';
import type { Codecs } from './codec.js';
import { amountText, type FieldReader, type StoredFields, timeText } from './fields.js';
import { decodeDraw, decodeHead, encodeDraw } from './wallet-fields.js';

export const lotCodecs: Codecs<CreditsAdded | CreditsExpired | CreditsRevoked | CreditsReinstated> = {
  CreditsAdded: {
    storedType: 'CreditsAdded.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      ...encodeDraw(event),
      reason: event.reason,
      reference: event.reference,
      paymentId: event.paymentId,
      expiresAt: event.expiresAt === undefined ? undefined : timeText(event.expiresAt),
      costCurrency: event.costBasis?.currency,
      costMinorUnits: event.costBasis?.minorUnits.toString(),
      costProviderFeeMinorUnits: event.costBasis?.providerFeeMinorUnits.toString(),
    }),
    decode: (fields) => ({
      type: 'CreditsAdded',
      ...decodeHead(fields),
      ...decodeDraw(fields),
      ...(fields.has('reason') ? { reason: fields.text('reason') } : {}),
      ...(fields.has('reference') ? { reference: fields.text('reference') } : {}),
      ...(fields.has('paymentId') ? { paymentId: fields.text('paymentId') } : {}),
      ...(fields.has('expiresAt') ? { expiresAt: fields.time('expiresAt') } : {}),
      ...(fields.has('costCurrency')
        ? {
            costBasis: {
              currency: fields.text('costCurrency'),
              minorUnits: fields.amount('costMinorUnits'),
              providerFeeMinorUnits: fields.amount('costProviderFeeMinorUnits'),
            },
          }
        : {}),
    }),
  },
  CreditsExpired: {
    storedType: 'CreditsExpired.v1',
    encode: (event) => ({ userId: event.userId, at: timeText(event.at), ...encodeDraw(event) }),
    decode: (fields) => ({ type: 'CreditsExpired', ...decodeHead(fields), ...decodeDraw(fields) }),
  },
  CreditsRevoked: {
    storedType: 'CreditsRevoked.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      reason: event.reason,
      paymentId: event.paymentId,
      lots: event.lots.map(encodeRevoked),
    }),
    decode: (fields) => ({
      type: 'CreditsRevoked',
      ...decodeHead(fields),
      reason: fields.oneOf('reason', REVOKE_REASONS),
      ...(fields.has('paymentId') ? { paymentId: fields.text('paymentId') } : {}),
      lots: fields.list('lots').map(decodeRevoked),
    }),
  },
  CreditsReinstated: {
    storedType: 'CreditsReinstated.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      paymentId: event.paymentId,
      lots: event.lots.map(encodeRevoked),
    }),
    decode: (fields) => ({
      type: 'CreditsReinstated',
      ...decodeHead(fields),
      paymentId: fields.text('paymentId'),
      lots: fields.list('lots').map(decodeRevoked),
    }),
  },
};

const encodeRevoked = (lot: LotRevoked): StoredFields => ({
  lotId: lot.lotId,
  kind: lot.kind,
  origin: lot.origin,
  amount: lot.amount.toString(),
  spent: amountText(lot.spent),
  expired: amountText(lot.expired),
});

const decodeRevoked = (fields: FieldReader): LotRevoked => ({
  ...decodeDraw(fields),
  spent: fields.amountOrZero('spent'),
  expired: fields.amountOrZero('expired'),
});
