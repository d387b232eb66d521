import type { UserId } from '#libs/kernel/ids.js';
import type { LotDraw } from '#libs/ledger/wallet/events.js';
import { LOT_KINDS, LOT_ORIGINS } from '#libs/ledger/wallet/vocabulary.js';
import { type FieldReader, type StoredFields, timeText } from './fields.js';

/**
 * Fields that many wallet events share. Codecs write user and time themselves: an object literal that begins with a
 * spread made storing a charge sixteen times slower.
 */

interface Head {
  readonly userId: UserId;
  readonly at: number;
}

export const encodeHead = ({ userId, at }: Head): StoredFields => ({ userId, at: timeText(at) });

export const decodeHead = (fields: FieldReader): Head => ({
  userId: fields.text('userId'),
  at: fields.time('at'),
});

export const encodeDraw = ({ lotId, kind, origin, amount }: LotDraw): StoredFields => ({
  lotId,
  kind,
  origin,
  amount: amount.toString(),
});

export const decodeDraw = (fields: FieldReader): LotDraw => ({
  lotId: fields.text('lotId'),
  kind: fields.oneOf('kind', LOT_KINDS),
  origin: fields.oneOf('origin', LOT_ORIGINS),
  amount: fields.amount('amount'),
});
