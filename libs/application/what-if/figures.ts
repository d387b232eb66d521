import type { Credits } from '#libs/kernel/credits.js';

/** What runs brought in, less what was refunded, in credits. */
export interface Figures {
  readonly inference: Credits;
  readonly markup: Credits;
  readonly byokFee: Credits;
  readonly platformShare: Credits;
  readonly creatorShare: Credits;
  /** Part of all that, which unlimited plans cover. */
  readonly allowance: Credits;
}

export const NOTHING: Figures = {
  inference: 0n,
  markup: 0n,
  byokFee: 0n,
  platformShare: 0n,
  creatorShare: 0n,
  allowance: 0n,
};

/** What the platform keeps. */
export const revenueOf = (figures: Figures): Credits =>
  figures.inference + figures.markup + figures.byokFee + figures.platformShare;

/** What users' own credits pay: the price of the runs less what an unlimited plan covers. */
export const usersCostOf = (figures: Figures): Credits =>
  revenueOf(figures) + figures.creatorShare - figures.allowance;

export const sumOf = (a: Figures, b: Figures): Figures => ({
  inference: a.inference + b.inference,
  markup: a.markup + b.markup,
  byokFee: a.byokFee + b.byokFee,
  platformShare: a.platformShare + b.platformShare,
  creatorShare: a.creatorShare + b.creatorShare,
  allowance: a.allowance + b.allowance,
});

/** Runs under their own terms and under the other ones. */
export interface Line {
  readonly runs: number;
  readonly before: Figures;
  readonly after: Figures;
  /** Credits that plans give in the months in which their users ran something. */
  readonly grantedBefore: Credits;
  readonly grantedAfter: Credits;
}

export const EMPTY_LINE: Line = {
  runs: 0,
  before: NOTHING,
  after: NOTHING,
  grantedBefore: 0n,
  grantedAfter: 0n,
};

export const sumOfLines = (a: Line, b: Line): Line => ({
  runs: a.runs + b.runs,
  before: sumOf(a.before, b.before),
  after: sumOf(a.after, b.after),
  grantedBefore: a.grantedBefore + b.grantedBefore,
  grantedAfter: a.grantedAfter + b.grantedAfter,
});

/** How much more the users' own credits would have paid; less than nothing when the other terms are cheaper. */
export const costChangeOf = ({ before, after }: Line): Credits => usersCostOf(after) - usersCostOf(before);
