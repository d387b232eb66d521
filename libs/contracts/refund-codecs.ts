import type { RefundId, UserId } from '#libs/kernel/ids.js';
import type {
  FlowUnlockRefunded,
  LotRestored,
  PromptRefunded,
  RefundParts,
} from '#libs/ledger/wallet/events.js';
import { REFUND_REASONS, type RefundReason, RESTORED_INTO } from '#libs/ledger/wallet/vocabulary.js';
import type { Codecs } from './codec.js';
import { amountText, type FieldReader, type StoredFields, timeText } from './fields.js';
import { decodeDraw, decodeHead } from './wallet-fields.js';

export const refundCodecs: Codecs<PromptRefunded | FlowUnlockRefunded> = {
  PromptRefunded: {
    storedType: 'PromptRefunded.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      runId: event.runId,
      refundId: event.refundId,
      reason: event.reason,
      amount: event.amount.toString(),
      chargedAt: timeText(event.chargedAt),
      creatorId: event.creatorId,
      inference: amountText(event.parts.inference),
      markup: amountText(event.parts.markup),
      byokFee: amountText(event.parts.byokFee),
      platformShare: amountText(event.parts.platformShare),
      creatorShare: amountText(event.parts.creatorShare),
      refundedInference: amountText(event.refunded.inference),
      refundedMarkup: amountText(event.refunded.markup),
      refundedByokFee: amountText(event.refunded.byokFee),
      refundedPlatformShare: amountText(event.refunded.platformShare),
      refundedCreatorShare: amountText(event.refunded.creatorShare),
      uncollected: amountText(event.uncollected),
      allowance: amountText(event.allowance),
      restored: event.restored.map(encodeRestored),
    }),
    decode: (fields) => ({
      type: 'PromptRefunded',
      ...decodeHead(fields),
      runId: fields.text('runId'),
      ...decodeRefund(fields),
      ...(fields.has('creatorId') ? { creatorId: fields.text<UserId>('creatorId') } : {}),
      parts: decodeParts(fields),
      refunded: decodeRefunded(fields),
      uncollected: fields.amountOrZero('uncollected'),
      allowance: fields.amountOrZero('allowance'),
      restored: fields.list('restored').map(decodeRestored),
    }),
  },
  FlowUnlockRefunded: {
    storedType: 'FlowUnlockRefunded.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      flowId: event.flowId,
      refundId: event.refundId,
      reason: event.reason,
      amount: event.amount.toString(),
      chargedAt: timeText(event.chargedAt),
      creatorId: event.creatorId,
      creatorShare: amountText(event.creatorShare),
      platformShare: amountText(event.platformShare),
      restored: event.restored.map(encodeRestored),
    }),
    decode: (fields) => ({
      type: 'FlowUnlockRefunded',
      ...decodeHead(fields),
      flowId: fields.text('flowId'),
      ...decodeRefund(fields),
      creatorId: fields.text('creatorId'),
      creatorShare: fields.amountOrZero('creatorShare'),
      platformShare: fields.amountOrZero('platformShare'),
      restored: fields.list('restored').map(decodeRestored),
    }),
  },
};

interface Refund {
  readonly refundId: RefundId;
  readonly reason: RefundReason;
  readonly amount: bigint;
  readonly chargedAt: number;
}

const decodeRefund = (fields: FieldReader): Refund => ({
  refundId: fields.text('refundId'),
  reason: fields.oneOf('reason', REFUND_REASONS),
  amount: fields.amount('amount'),
  chargedAt: fields.time('chargedAt'),
});

const decodeParts = (fields: FieldReader): RefundParts => ({
  inference: fields.amountOrZero('inference'),
  markup: fields.amountOrZero('markup'),
  byokFee: fields.amountOrZero('byokFee'),
  platformShare: fields.amountOrZero('platformShare'),
  creatorShare: fields.amountOrZero('creatorShare'),
});

/** The sums over all refunds of a run, this one included. */
const decodeRefunded = (fields: FieldReader): RefundParts => ({
  inference: fields.amountOrZero('refundedInference'),
  markup: fields.amountOrZero('refundedMarkup'),
  byokFee: fields.amountOrZero('refundedByokFee'),
  platformShare: fields.amountOrZero('refundedPlatformShare'),
  creatorShare: fields.amountOrZero('refundedCreatorShare'),
});

const encodeRestored = (lot: LotRestored): StoredFields => ({
  lotId: lot.lotId,
  kind: lot.kind,
  origin: lot.origin,
  amount: lot.amount.toString(),
  into: lot.into,
  refundLotId: lot.refundLotId,
  expiresAt: lot.expiresAt === undefined ? undefined : timeText(lot.expiresAt),
});

const decodeRestored = (fields: FieldReader): LotRestored => ({
  ...decodeDraw(fields),
  into: fields.oneOf('into', RESTORED_INTO),
  ...(fields.has('refundLotId') ? { refundLotId: fields.text('refundLotId') } : {}),
  ...(fields.has('expiresAt') ? { expiresAt: fields.time('expiresAt') } : {}),
});
