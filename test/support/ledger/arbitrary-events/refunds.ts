import fc from 'fast-check';
import { FlowId, RefundId, RunId } from '#libs/kernel/ids.js';
import type { FlowUnlockRefunded, PromptRefunded } from '#libs/ledger/wallet/events.js';
import { REFUND_REASONS, RESTORED_INTO } from '#libs/ledger/wallet/vocabulary.js';
import {
  amount,
  type ArbitraryEvents,
  ids,
  lotPart,
  text,
  time,
  userId,
  walletFact,
  withOptional,
} from './common.js';

const parts = fc.record({
  inference: amount,
  markup: amount,
  byokFee: amount,
  platformShare: amount,
  creatorShare: amount,
});
const refund = {
  refundId: ids(RefundId),
  reason: fc.constantFrom(...REFUND_REASONS),
  amount,
  chargedAt: time,
  restored: fc.array(
    withOptional(
      { ...lotPart, into: fc.constantFrom(...RESTORED_INTO) },
      { refundLotId: text, expiresAt: time },
    ),
    { maxLength: 4 },
  ),
};

export const REFUNDS: ArbitraryEvents<PromptRefunded | FlowUnlockRefunded> = {
  PromptRefunded: withOptional(
    {
      ...walletFact('PromptRefunded'),
      ...refund,
      runId: ids(RunId),
      parts,
      refunded: parts,
      uncollected: amount,
      allowance: amount,
    },
    { creatorId: userId },
  ),
  FlowUnlockRefunded: fc.record({
    ...walletFact('FlowUnlockRefunded'),
    ...refund,
    flowId: ids(FlowId),
    creatorId: userId,
    creatorShare: amount,
    platformShare: amount,
  }),
};
