import { type Credits, maxCredits, minCredits } from '#libs/kernel/credits.js';
import { COVERED_COMPONENTS, type CoveredComponent, type MonthlyCredits } from '../plans/plan-table.js';
import { type Hold, type LiveWallet, usedAt } from './state.js';

/** The components of a price that an allowance may cover. */
export type Coverable = Readonly<Record<CoveredComponent, Credits>>;

/** The part of a price that the plan's unlimited allowance covers, up to its fair-use limit less what holds reserve. */
export function allowanceFor(
  wallet: LiveWallet,
  price: Coverable,
  t: number,
  monthly: MonthlyCredits,
): Credits {
  if (monthly.kind !== 'unlimited') return 0n;
  return minCredits(sumOf(price, monthly.covers), leftOf(wallet, t, monthly, 0n));
}

/**
 * The part of a settled run's price that the allowance covers: what its open hold was promised is kept whatever became
 * of the plan.
 */
export function allowanceForSettle(
  wallet: LiveWallet,
  price: Coverable,
  t: number,
  monthly: MonthlyCredits,
  hold: Hold | undefined,
): Credits {
  const promised = hold?.allowance ?? 0n;
  if (monthly.kind === 'unlimited') {
    const left = leftOf(wallet, t, monthly, promised);
    return minCredits(sumOf(price, monthly.covers), maxCredits(promised, left));
  }
  const withoutFee = COVERED_COMPONENTS.filter((component) => component !== 'creatorFee');
  return minCredits(sumOf(price, withoutFee), promised);
}

const sumOf = (price: Coverable, components: readonly CoveredComponent[]): Credits =>
  components.reduce((sum, component) => sum + price[component], 0n);

/** What the fair-use limit leaves, the hold's own reservation included; without a limit, more than any price. */
function leftOf(
  wallet: LiveWallet,
  t: number,
  { fairUse }: Extract<MonthlyCredits, { kind: 'unlimited' }>,
  ownReservation: Credits,
): Credits {
  if (fairUse === undefined) return MORE_THAN_ANY_PRICE;
  const others = wallet.allowanceHeld - ownReservation;
  return maxCredits(fairUse - usedAt(wallet.allowance, t, 0n) - others, 0n);
}

const MORE_THAN_ANY_PRICE: Credits = 10n ** 30n;
