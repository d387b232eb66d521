import { type Credits } from '#libs/kernel/credits.js';

/** What a row's charge costs now, component by component, in credits. */
export interface ChargedCost {
  readonly inference: Credits;
  readonly markup: Credits;
  readonly creatorFee: Credits;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
  readonly total: Credits;
}

export type Totals = ChargedCost;

/** What an import did; `--json` prints it as it is. Amounts are decimal strings, over all rows that are now charged. */
export interface Summary {
  readonly rows: number;
  readonly charged: number;
  readonly alreadyCharged: number;
  readonly differs: number;
  readonly refused: number;
  readonly malformed: number;
  readonly seconds: number;
  readonly totals: Readonly<Record<keyof Totals, string>>;
}

/** Counts outcomes of rows and adds up what the charged ones cost. */
export class Tally {
  charged = 0;
  alreadyCharged = 0;
  differs = 0;
  refused = 0;
  malformed = 0;
  readonly totals: { -readonly [Name in keyof Totals]: Totals[Name] } = {
    inference: 0n,
    markup: 0n,
    creatorFee: 0n,
    creatorShare: 0n,
    platformShare: 0n,
    total: 0n,
  };

  /** Rows whose outcome is known. */
  get rows(): number {
    return this.charged + this.alreadyCharged + this.differs + this.refused + this.malformed;
  }

  /** True when every row is charged as the file says. */
  get clean(): boolean {
    return this.differs + this.refused + this.malformed === 0;
  }

  addCost(cost: ChargedCost): void {
    const { totals } = this;
    totals.inference += cost.inference;
    totals.markup += cost.markup;
    totals.creatorFee += cost.creatorFee;
    totals.creatorShare += cost.creatorShare;
    totals.platformShare += cost.platformShare;
    totals.total += cost.total;
  }

  summary(seconds: number): Summary {
    const { rows, charged, alreadyCharged, differs, refused, malformed, totals } = this;
    return {
      rows,
      charged,
      alreadyCharged,
      differs,
      refused,
      malformed,
      seconds: Math.round(seconds * 1000) / 1000,
      totals: {
        inference: totals.inference.toString(),
        markup: totals.markup.toString(),
        creatorFee: totals.creatorFee.toString(),
        creatorShare: totals.creatorShare.toString(),
        platformShare: totals.platformShare.toString(),
        total: totals.total.toString(),
      },
    };
  }
}
