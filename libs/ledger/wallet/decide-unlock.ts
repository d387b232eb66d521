import { splitFee } from '#libs/kernel/credits.js';
import { accept, refuse } from '../decision.js';
import { mayStart } from './admission.js';
import type { UnlockFlowCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { WalletEvent } from './events.js';
import { flowUsed } from './ids.js';
import { drawFree, sumFree, sumOfParts } from './lots.js';
import type { LiveWallet } from './state.js';

/** Unlocks always draw lots, whatever a plan's allowance covers; once per user and flow. */
export function decideUnlock(
  wallet: LiveWallet,
  { flowId, creatorId, price }: UnlockFlowCommand,
  { now, past }: WalletContext,
): WalletDecision {
  const started = mayStart(wallet);
  if (started !== undefined) return refuse(started);
  if (creatorId === wallet.userId) return refuse({ code: 'flow.own_flow' });
  if (past.revisionOf(flowUsed(flowId)) !== undefined) return refuse({ code: 'flow.already_unlocked' });
  const draws = drawFree(wallet.lots, price, now);
  if (sumOfParts(draws) < price) {
    const available = sumFree(wallet.lots);
    return refuse({ code: 'wallet.insufficient_credits', needed: price, available });
  }
  return accept<WalletEvent>({
    type: 'FlowUnlocked',
    userId: wallet.userId,
    at: now,
    flowId,
    creatorId,
    price,
    ...splitFee(price),
    draws,
  });
}
