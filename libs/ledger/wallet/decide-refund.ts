import type { Credits } from '#libs/kernel/credits.js';
import { accept, refuse } from '../decision.js';
import type { RefundFlowCommand, RefundPromptCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type {
  FlowUnlocked,
  LotDraw,
  LotRestored,
  PromptCharged,
  PromptRefunded,
  RefundParts,
  WalletEvent,
} from './events.js';
import { flowRefunded, flowUsed, refundUsed, runRefunded, runUsed } from './ids.js';
import { isExpired, lotOf } from './lots.js';
import { payingSide, spreadRefund } from './refund-spread.js';
import type { LiveWallet } from './state.js';

/** A refund lot of credits that were given lives so long; one of bought credits has no end. */
export const REFUND_LOT_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

const NOTHING_REFUNDED: RefundParts = {
  inference: 0n,
  markup: 0n,
  byokFee: 0n,
  platformShare: 0n,
  creatorShare: 0n,
};

/** Refunds a run, all that is left of it or a part; cumulative refunds never exceed the charge. */
export function decideRefundPrompt(
  wallet: LiveWallet,
  command: RefundPromptCommand,
  context: WalletContext,
): WalletDecision {
  const { past } = context;
  const { runId, refundId, reason } = command;
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (past.revisionOf(refundUsed(refundId)) !== undefined) return refuse({ code: 'refund.id_used' });
  const chargedAtRevision = past.revisionOf(runUsed(runId));
  if (chargedAtRevision === undefined) return refuse({ code: 'run.not_found' });
  const charge = past.eventAt(chargedAtRevision) as PromptCharged;
  const before = refundedBefore(runId, context);
  const spread = spreadRefund(charge, before, command.amount);
  if (spread.kind === 'exceeds')
    return refuse({ code: 'refund.exceeds_charge', remaining: spread.remaining });
  const { amount, parts, refunded } = spread;
  const paid = payingSide(charge, sumOfRefund(before), amount);
  return accept<WalletEvent>({
    type: 'PromptRefunded',
    userId: wallet.userId,
    at: context.now,
    refundId,
    runId,
    reason,
    amount,
    ...(charge.creatorId === undefined ? {} : { creatorId: charge.creatorId }),
    chargedAt: charge.at,
    parts,
    refunded,
    uncollected: paid.uncollected,
    restored: restore(wallet, paid.draws, context),
    allowance: paid.allowance,
  });
}

function refundedBefore(runId: string, { past }: WalletContext): RefundParts {
  const revision = past.revisionOf(runRefunded(runId));
  return revision === undefined ? NOTHING_REFUNDED : (past.eventAt(revision) as PromptRefunded).refunded;
}

export const sumOfRefund = (parts: RefundParts): Credits =>
  parts.inference + parts.markup + parts.byokFee + parts.platformShare + parts.creatorShare;

/** Refunds an unlock as a whole; the flow is locked again, and its id stays used. */
export function decideRefundFlow(
  wallet: LiveWallet,
  { flowId, refundId, reason }: RefundFlowCommand,
  context: WalletContext,
): WalletDecision {
  const { past } = context;
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (past.revisionOf(refundUsed(refundId)) !== undefined) return refuse({ code: 'refund.id_used' });
  const unlockedAtRevision = past.revisionOf(flowUsed(flowId));
  if (unlockedAtRevision === undefined) return refuse({ code: 'flow.not_unlocked' });
  if (past.revisionOf(flowRefunded(flowId)) !== undefined) {
    return refuse({ code: 'refund.exceeds_charge', remaining: 0n });
  }
  const unlock = past.eventAt(unlockedAtRevision) as FlowUnlocked;
  return accept<WalletEvent>({
    type: 'FlowUnlockRefunded',
    userId: wallet.userId,
    at: context.now,
    refundId,
    flowId,
    reason,
    amount: unlock.price,
    creatorId: unlock.creatorId,
    chargedAt: unlock.at,
    creatorShare: unlock.creatorShare,
    platformShare: unlock.platformShare,
    restored: restore(wallet, unlock.draws.toReversed(), context),
  });
}

/** Where each part goes: its lot, a refund lot when that has lapsed, or nowhere when it was revoked. */
function restore(
  wallet: LiveWallet,
  draws: readonly LotDraw[],
  { now, commandId }: WalletContext,
): readonly LotRestored[] {
  return draws.map((part, i): LotRestored => {
    const lot = lotOf(wallet.lots, part.lotId);
    if (lot.revoked !== undefined) return { ...part, into: 'revoked' };
    if (!isExpired(lot, now)) return { ...part, into: 'lot' };
    const refundLotId = `refund-${commandId.slice(0, 16)}-${i}`;
    return lot.origin === 'purchased'
      ? { ...part, into: 'refund_lot', refundLotId }
      : { ...part, into: 'refund_lot', refundLotId, expiresAt: now + REFUND_LOT_LIFE_MS };
  });
}
