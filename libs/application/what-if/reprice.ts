import { ceilDiv, type Credits, maxCredits } from '#libs/kernel/credits.js';
import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import type { Plan, PlanTable } from '#libs/ledger/plans/plan-table.js';
import { BASIS_POINTS, type Price, priceRun } from '#libs/ledger/pricing/policy.js';
import type { PricingPolicy } from '#libs/ledger/pricing/pricing-policy.js';
import type { RateCard } from '#libs/ledger/pricing/rate-card.js';
import type { PricingTerms } from '#libs/ledger/pricing/terms.js';
import { includesModel } from '#libs/ledger/wallet/admission.js';
import type { RefundParts } from '#libs/ledger/wallet/events.js';
import { spreadRefund } from '#libs/ledger/wallet/refund-spread.js';
import type { Figures } from './figures.js';
import type { PastRun } from './past-run.js';

/** What is to be different; everything else stays as it was for each run. */
export interface OtherTerms {
  readonly policy?: PricingPolicy;
  readonly rateCard?: RateCard;
  readonly planTable?: PlanTable;
}

export const REFUSAL_REASONS = [
  'model.unpriced',
  'plan.model_not_included',
  'plan.byok_not_included',
] as const;
/** Why the run could not have taken place under the other terms. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type Repriced =
  | {
      readonly kind: 'priced';
      readonly price: Price;
      /** What an unlimited plan would cover of it before any fair-use limit; 0 under another plan. */
      readonly coverable: Credits;
      /** The price is what it was, and so is what decided on the allowance. */
      readonly unchanged: boolean;
      readonly plan: Plan;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/**
 * The run under the other terms. Policy, card and share of BYOK runs that are not replaced are those of the charge
 * itself, plans those in force when it was charged.
 * @throws UnknownTermsError when the catalogue does not know the terms of the charge
 */
export function reprice(run: PastRun, other: OtherTerms, catalogue: Catalogue): Repriced {
  const ownTable = catalogue.plansAt(run.at);
  const terms = otherPricing(run, other, catalogue);
  const price = priceRun(
    {
      model: run.model,
      tokens: run.tokens,
      byok: run.byok,
      payer: run.userId,
      creatorFee: run.price.creatorFee,
      ...(run.creatorId === undefined ? {} : { creatorId: run.creatorId }),
    },
    terms,
  );
  if (price === undefined) return { kind: 'refused', reason: 'model.unpriced' };
  const plan = (other.planTable ?? ownTable).plans[run.plan];
  if (other.planTable !== undefined) {
    const reason = refusalOf(run, plan, terms);
    // What its own plan let pass, a settle after a downgrade for example, the other one does too.
    if (reason !== undefined && refusalOf(run, ownTable.plans[run.plan], terms) === undefined) {
      return { kind: 'refused', reason };
    }
  }
  const { monthly } = plan;
  const coverable =
    monthly.kind === 'unlimited' ? monthly.covers.reduce((sum, part) => sum + price[part], 0n) : 0n;
  return {
    kind: 'priced',
    price,
    coverable,
    unchanged: other.planTable === undefined && samePrice(price, run.price),
    plan,
  };
}

function refusalOf(run: PastRun, plan: Plan, terms: PricingTerms): RefusalReason | undefined {
  if (!includesModel(plan, run.model, run.userId, terms)) return 'plan.model_not_included';
  return run.byok && !plan.byok ? 'plan.byok_not_included' : undefined;
}

function otherPricing(run: PastRun, other: OtherTerms, catalogue: Catalogue): PricingTerms {
  const { policy, rateCard, rateCardVersion } = run;
  const own = catalogue.pricingOf({ policy, rateCard, rateCardVersion, byokFeeBasisPoints: 0n }, run.at);
  return {
    policy: other.policy ?? own.policy,
    rateCard: other.rateCard ?? own.rateCard,
    planCredit: other.planTable?.planCredit ?? own.planCredit,
    byokFeeBasisPoints: run.byok ? byokShareOf(run, own, catalogue) : 0n,
  };
}

/**
 * A charge keeps its BYOK fee, not the share of inference it was: of the shares that were in force by then (a hold or
 * a quote may have fixed an earlier one), the latest that gives the fee.
 */
function byokShareOf(run: PastRun, own: PricingTerms, catalogue: Catalogue): bigint {
  const notional = own.policy.inference(run, own) ?? 0n;
  const gives = (share: bigint): boolean => ceilDiv(notional * share, BASIS_POINTS) === run.price.byokFee;
  const inForceByThen = catalogue.activations.filter(({ effectiveFrom }) => effectiveFrom <= run.at);
  const found = inForceByThen.findLast(({ byokFeeBasisPoints }) => gives(byokFeeBasisPoints));
  return found?.byokFeeBasisPoints ?? 0n;
}

const COMPONENTS = [
  'inference',
  'markup',
  'byokFee',
  'creatorShare',
  'platformShare',
] as const satisfies readonly (keyof Price)[];

const samePrice = (a: Price, b: Price): boolean => COMPONENTS.every((part) => a[part] === b[part]);

const NO_PARTS: RefundParts = { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare: 0n };

/** What the run brought in, its refunds taken off. */
export const figuresBefore = ({ price, allowance, refunded = NO_PARTS }: PastRun): Figures =>
  net(price, allowance, refunded);

/**
 * What it would have brought in at another price. A refund keeps its share of the price: one in full stays one in full,
 * and half of the price stays half, rounded down to whole credits.
 */
export function figuresAfter(run: PastRun, price: Price, allowance: Credits): Figures {
  const { refunded } = run;
  if (refunded === undefined || samePrice(price, run.price))
    return net(price, allowance, refunded ?? NO_PARTS);
  const amount = run.price.total === 0n ? 0n : (price.total * sumOf(refunded)) / run.price.total;
  const spread = spreadRefund(price, NO_PARTS, amount);
  return net(price, allowance, spread.kind === 'spread' ? spread.parts : NO_PARTS);
}

const sumOf = (parts: RefundParts): Credits => COMPONENTS.reduce((sum, part) => sum + parts[part], 0n);

function net(price: Price, allowance: Credits, refunded: RefundParts): Figures {
  // A refund goes to what users had paid or owed first, and to the allowance last.
  const toAllowance = maxCredits(sumOf(refunded) - (price.total - allowance), 0n);
  return {
    inference: price.inference - refunded.inference,
    markup: price.markup - refunded.markup,
    byokFee: price.byokFee - refunded.byokFee,
    platformShare: price.platformShare - refunded.platformShare,
    creatorShare: price.creatorShare - refunded.creatorShare,
    allowance: allowance - toAllowance,
  };
}
