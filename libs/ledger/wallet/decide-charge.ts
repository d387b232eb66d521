import { type Credits, minCredits } from '#libs/kernel/credits.js';
import { accept, refuse } from '../decision.js';
import { type Price, priceRun } from '../pricing/policy.js';
import type { PricingTerms, Terms } from '../pricing/terms.js';
import type { FieldError, Refusal } from '../refusal.js';
import { admit, beyondAllowance, mayStart, runIsNew } from './admission.js';
import { apply, lapsedParts } from './advance.js';
import { allowanceFor, allowanceForSettle } from './allowance.js';
import type { ChargePromptCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { LotDraw, PromptCharged, WalletEvent } from './events.js';
import { LATE_SETTLE_MS_MAX } from './evolve.js';
import { holdReleased, holdSettled, holdUsed } from './ids.js';
import { drawFree, sumFree, sumOfParts } from './lots.js';
import type { Hold, LiveWallet } from './state.js';

export function decideCharge(
  wallet: LiveWallet,
  command: ChargePromptCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  return command.holdId === undefined
    ? decideDirect(wallet, command, context, terms)
    : decideSettle(wallet, { ...command, holdId: command.holdId }, context, terms);
}

function decideDirect(
  wallet: LiveWallet,
  command: ChargePromptCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  const fenced = mayStart(wallet) ?? runIsNew(command, context);
  if (fenced !== undefined) return refuse(fenced);
  const run = admit(wallet, command, command.tokens, context, terms);
  if (run.kind === 'refused') return run;
  const { price, pricing, plan } = run;
  const allowance = allowanceFor(wallet, price, context.now, plan.monthly);
  const needed = beyondAllowance(price.total, allowance);
  const draws = drawFree(wallet.lots, needed, context.now);
  if (sumOfParts(draws) < needed) {
    const available = sumFree(wallet.lots);
    return refuse({ code: 'wallet.insufficient_credits', needed, available });
  }
  return accept<WalletEvent>(
    charge(wallet, command, context, pricing, price, { draws, allowance, uncollected: 0n }),
  );
}

/**
 * Settling never strands a run already done: it draws the hold's own parts, then burn order, and what nothing is left
 * for is uncollected. It is priced as the hold fixed it, whatever became of plan, model or wallet since.
 */
function decideSettle(
  wallet: LiveWallet,
  command: ChargePromptCommand & { readonly holdId: Hold['holdId'] },
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  const open = wallet.holds.get(command.holdId);
  const hold = open ?? wallet.lapsedHolds.get(command.holdId);
  const gone = hold === undefined ? whyGone(command.holdId, context) : undefined;
  if (gone === 'hold.not_found' || gone === 'hold.closed') return refuse({ code: gone });
  const charged = runIsNew(command, context);
  if (charged !== undefined) return refuse(charged);
  if (hold === undefined || context.now > hold.expiresAt + LATE_SETTLE_MS_MAX) {
    return refuse({ code: 'hold.expired' });
  }
  const unlike = unlikeHold(wallet, command, hold);
  if (unlike !== undefined) return refuse(unlike);
  // As of the hold, the plan credit of its table too.
  const pricing = terms.pricingOf(hold, hold.at);
  const price = priceRun({ ...command, payer: wallet.userId }, pricing);
  if (price === undefined) {
    throw new Error(`Hold ${hold.holdId}: rate card ${hold.rateCard} does not price ${hold.model} any more`);
  }
  const { monthly } = terms.plansAt(context.now).plans[wallet.plan];
  const allowance = allowanceForSettle(wallet, price, context.now, monthly, open);
  const needed = beyondAllowance(price.total, allowance);
  const draws = drawSettling(wallet, open, needed, context.now);
  const uncollected = needed - sumOfParts(draws);
  const event = charge(wallet, command, context, pricing, price, { draws, allowance, uncollected });
  // What the hold had kept from lapsing lapses now, as far as the run did not use it.
  const settled = apply({ wallet, events: [] }, [event]);
  return accept<WalletEvent>(event, ...lapsedParts(settled.wallet, context.now));
}

function whyGone(holdId: string, { past }: WalletContext): 'hold.not_found' | 'hold.closed' | 'hold.expired' {
  if (past.revisionOf(holdUsed(holdId)) === undefined) return 'hold.not_found';
  const closed = [holdSettled(holdId), holdReleased(holdId)].some((id) => past.revisionOf(id) !== undefined);
  // Whoever else is not among the open holds timed out, maybe in this very command, and is forgotten since.
  return closed ? 'hold.closed' : 'hold.expired';
}

/** A settle is of the very run that was authorised, and asks no higher creator fee. */
function unlikeHold(wallet: LiveWallet, command: ChargePromptCommand, hold: Hold): Refusal | undefined {
  const errors: FieldError[] = [];
  for (const field of ['runId', 'model', 'purpose', 'byok', 'creatorId'] as const) {
    if (command[field] !== hold[field])
      errors.push({ field, message: `must be ${hold[field] ?? 'absent'}, as in hold ${hold.holdId}` });
  }
  const fee = command.creatorId === wallet.userId ? 0n : command.creatorFee;
  if (fee > hold.creatorFee) {
    errors.push({
      field: 'creatorFee',
      message: `must be at most the ${hold.creatorFee} of hold ${hold.holdId}`,
    });
  }
  return errors.length === 0 ? undefined : { code: 'request.invalid', errors };
}

/** The hold's own parts first, then what is free in burn order; one draw a lot, in the order of the first. */
function drawSettling(
  wallet: LiveWallet,
  hold: Hold | undefined,
  needed: Credits,
  t: number,
): readonly LotDraw[] {
  const byLot = new Map<string, LotDraw>();
  let left = needed;
  for (const part of hold?.parts ?? []) {
    const amount = minCredits(part.amount, left);
    if (amount > 0n) byLot.set(part.lotId, { ...part, amount });
    left -= amount;
  }
  for (const free of drawFree(wallet.lots, left, t)) {
    const own = byLot.get(free.lotId);
    byLot.set(free.lotId, own === undefined ? free : { ...own, amount: own.amount + free.amount });
  }
  return [...byLot.values()];
}

function charge(
  wallet: LiveWallet,
  command: ChargePromptCommand,
  { now }: WalletContext,
  pricing: PricingTerms,
  price: Price,
  paid: Pick<PromptCharged, 'draws' | 'allowance' | 'uncollected'>,
): PromptCharged {
  const { promptId, creatorId, ranAt, holdId } = command;
  return {
    type: 'PromptCharged',
    userId: wallet.userId,
    at: now,
    runId: command.runId,
    ...(promptId === undefined ? {} : { promptId }),
    model: command.model,
    ...command.tokens,
    purpose: command.purpose,
    byok: command.byok,
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(ranAt === undefined ? {} : { ranAt }),
    policy: pricing.policy.id,
    rateCard: pricing.rateCard.id,
    rateCardVersion: pricing.rateCard.version,
    ...price,
    ...paid,
    ...(holdId === undefined ? {} : { holdId }),
  };
}
