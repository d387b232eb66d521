import type { UserId } from '#libs/kernel/ids.js';
import type { CreditsHeld, HoldReleased } from '#libs/ledger/wallet/events.js';
import { HOLD_RELEASE_CAUSES, RUN_PURPOSES } from '#libs/ledger/wallet/vocabulary.js';
import type { Codecs } from './codec.js';
import { amountText, timeText } from './fields.js';
import { decodeDraw, decodeHead, encodeDraw } from './wallet-fields.js';

export const holdCodecs: Codecs<CreditsHeld | HoldReleased> = {
  CreditsHeld: {
    storedType: 'CreditsHeld.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      holdId: event.holdId,
      runId: event.runId,
      model: event.model,
      purpose: event.purpose,
      byok: event.byok,
      creatorId: event.creatorId,
      creatorFee: amountText(event.creatorFee),
      amount: event.amount.toString(),
      parts: event.parts.map(encodeDraw),
      allowance: amountText(event.allowance),
      policy: event.policy,
      rateCard: event.rateCard,
      rateCardVersion: event.rateCardVersion,
      byokFeeBasisPoints: amountText(event.byokFeeBasisPoints),
      expiresAt: timeText(event.expiresAt),
    }),
    decode: (fields) => ({
      type: 'CreditsHeld',
      ...decodeHead(fields),
      holdId: fields.text('holdId'),
      runId: fields.text('runId'),
      model: fields.text('model'),
      purpose: fields.oneOf('purpose', RUN_PURPOSES),
      byok: fields.flag('byok'),
      ...(fields.has('creatorId') ? { creatorId: fields.text<UserId>('creatorId') } : {}),
      creatorFee: fields.amountOrZero('creatorFee'),
      amount: fields.amount('amount'),
      parts: fields.list('parts').map(decodeDraw),
      allowance: fields.amountOrZero('allowance'),
      policy: fields.text('policy'),
      rateCard: fields.text('rateCard'),
      rateCardVersion: fields.integer('rateCardVersion'),
      byokFeeBasisPoints: fields.amountOrZero('byokFeeBasisPoints'),
      expiresAt: fields.time('expiresAt'),
    }),
  },
  HoldReleased: {
    storedType: 'HoldReleased.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      holdId: event.holdId,
      runId: event.runId,
      cause: event.cause,
      parts: event.parts.map(encodeDraw),
    }),
    decode: (fields) => ({
      type: 'HoldReleased',
      ...decodeHead(fields),
      holdId: fields.text('holdId'),
      runId: fields.text('runId'),
      cause: fields.oneOf('cause', HOLD_RELEASE_CAUSES),
      parts: fields.list('parts').map(decodeDraw),
    }),
  },
};
