import { minCredits } from '#libs/kernel/credits.js';
import { accept, refuse } from '../decision.js';
import type { Terms } from '../pricing/terms.js';
import type { TokenCounts } from '../pricing/tokens.js';
import { invalidField } from '../refusal.js';
import { admit, type AdmittedRun, beyondAllowance, mayStart, runIsNew } from './admission.js';
import { apply, lapsedParts, releaseOf } from './advance.js';
import { allowanceFor, type Coverable } from './allowance.js';
import type { AuthoriseRunCommand, ReleaseHoldCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { WalletEvent } from './events.js';
import { holdUsed } from './ids.js';
import { drawFree, sumFree, sumOfParts } from './lots.js';
import type { LiveWallet } from './state.js';

const NO_TOKENS: TokenCounts = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 };

/** Authorises a run: makes every check, counts a test run, fixes the price's terms and reserves named parts of lots. */
export function decideAuthorise(
  wallet: LiveWallet,
  command: AuthoriseRunCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  const started = mayStart(wallet);
  if (started !== undefined) return refuse(started);
  if (context.past.revisionOf(holdUsed(command.holdId)) !== undefined)
    return refuse({ code: 'hold.id_used' });
  const charged = runIsNew(command, context);
  if (charged !== undefined) return refuse(charged);
  const { estimate } = command;
  const run = admit(wallet, command, estimate.tokens ?? NO_TOKENS, context, terms);
  if (run.kind === 'refused') return run;
  const { creatorFee } = run.price;
  const amount = estimate.amount ?? run.price.total;
  if (amount < creatorFee)
    return refuse(invalidField('amount', `must be at least the creator fee of ${creatorFee}`));
  const allowance = allowanceFor(wallet, coverableOf(amount, run), context.now, run.plan.monthly);
  const needed = beyondAllowance(amount, allowance);
  const parts = drawFree(wallet.lots, needed, context.now);
  if (sumOfParts(parts) < needed) {
    const available = sumFree(wallet.lots);
    return refuse({ code: 'wallet.insufficient_credits', needed, available });
  }
  return accept<WalletEvent>({
    type: 'CreditsHeld',
    userId: wallet.userId,
    at: context.now,
    holdId: command.holdId,
    runId: command.runId,
    model: command.model,
    purpose: command.purpose,
    byok: command.byok,
    ...(command.creatorId === undefined ? {} : { creatorId: command.creatorId }),
    creatorFee,
    amount,
    parts,
    allowance,
    policy: run.pricing.policy.id,
    rateCard: run.pricing.rateCard.id,
    rateCardVersion: run.pricing.rateCard.version,
    byokFeeBasisPoints: run.pricing.byokFeeBasisPoints,
    expiresAt: context.now + command.ttlMs,
  });
}

/** An estimate given as one amount counts, less the creator fee, as inference. */
function coverableOf(amount: bigint, { price }: AdmittedRun): Coverable {
  if (amount === price.total) return price;
  const { creatorFee } = price;
  return {
    inference: amount - creatorFee,
    markup: 0n,
    byokFee: 0n,
    creatorFee: minCredits(amount, creatorFee),
  };
}

/** What it had reserved is free again; parts of lots that lapsed meanwhile expire at once. */
export function decideRelease(
  wallet: LiveWallet,
  { holdId }: ReleaseHoldCommand,
  { now, past }: WalletContext,
): WalletDecision {
  const hold = wallet.holds.get(holdId);
  if (hold === undefined) {
    const used = wallet.lapsedHolds.has(holdId) || past.revisionOf(holdUsed(holdId)) !== undefined;
    return refuse({ code: used ? 'hold.closed' : 'hold.not_found' });
  }
  const released = apply({ wallet, events: [] }, [releaseOf(hold, 'caller', now)]);
  return accept<WalletEvent>(...released.events, ...lapsedParts(released.wallet, now));
}
