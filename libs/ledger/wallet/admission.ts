import { maxCredits, type Credits } from '#libs/kernel/credits.js';
import { fits, type Plan } from '../plans/plan-table.js';
import { type Price, priceRun } from '../pricing/policy.js';
import { ratesOf } from '../pricing/rate-card.js';
import type { PricingTerms, Terms } from '../pricing/terms.js';
import type { TokenCounts } from '../pricing/tokens.js';
import type { Refusal } from '../refusal.js';
import type { AuthoriseRunCommand, ChargePromptCommand } from './commands.js';
import type { WalletContext } from './context.js';
import { runUsed } from './ids.js';
import { type LiveWallet, usedAt } from './state.js';

/** A run that the wallet's plan admits, with its price. */
export interface AdmittedRun {
  readonly kind: 'admitted';
  readonly pricing: PricingTerms;
  readonly price: Price;
  readonly plan: Plan;
}

type RunCommand = AuthoriseRunCommand | ChargePromptCommand;

/** The wallet may begin something new. */
export function mayStart(wallet: LiveWallet): Refusal | undefined {
  if (wallet.status === 'closed') return { code: 'wallet.closed' };
  return wallet.status === 'frozen' ? { code: 'wallet.frozen' } : undefined;
}

/** The run id was not used by a charge. */
export function runIsNew(command: RunCommand, { past }: WalletContext): Refusal | undefined {
  const chargedAtRevision = past.revisionOf(runUsed(command.runId));
  return chargedAtRevision === undefined ? undefined : { code: 'run.already_charged', chargedAtRevision };
}

/**
 * Prices a run that is about to begin and checks it against the plan: quote, price, model, own key, test runs, in that
 * order (domain rules, section 4).
 */
export function admit(
  wallet: LiveWallet,
  command: RunCommand,
  tokens: TokenCounts,
  { now }: WalletContext,
  terms: Terms,
): AdmittedRun | { readonly kind: 'refused'; readonly refusal: Refusal } {
  const refused = (refusal: Refusal) => ({ kind: 'refused', refusal }) as const;
  const { quote, model } = command;
  if (quote !== undefined && now >= quote.expiresAt) return refused({ code: 'quote.expired' });
  const pricing = quote === undefined ? terms.pricingAt(now) : terms.pricingOf(quote, now);
  const price = priceRun({ ...command, tokens, payer: wallet.userId }, pricing);
  if (price === undefined) return refused({ code: 'model.unpriced', model });
  const plan = terms.plansAt(now).plans[wallet.plan];
  if (!includesModel(plan, model, wallet.userId, pricing)) {
    return refused({ code: 'plan.model_not_included', model });
  }
  if (command.byok && !plan.byok) return refused({ code: 'plan.byok_not_included' });
  if (command.purpose === 'test' && !fits(plan.testRuns, usedAt(wallet.testRuns, now, 0), 1)) {
    return refused({ code: 'plan.test_runs_exhausted' });
  }
  return { kind: 'admitted', pricing, price, plan };
}

/** By the requested name; a custom or private model only for the customers that the rate card names. */
export function includesModel(
  plan: Plan,
  model: string,
  userId: string,
  { rateCard }: PricingTerms,
): boolean {
  const customers = ratesOf(rateCard, model)?.customers;
  return customers === undefined ? plan.models.has(model) : plan.privateModels && customers.has(userId);
}

/** What lots have to pay of `total` when an allowance pays `allowance`. */
export const beyondAllowance = (total: Credits, allowance: Credits): Credits =>
  maxCredits(total - allowance, 0n);
