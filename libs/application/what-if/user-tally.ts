import { type Credits, maxCredits, minCredits } from '#libs/kernel/credits.js';
import { periodStart } from '#libs/kernel/period.js';
import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import { comparePlans, monthlyGrant, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { EMPTY_LINE, type Line, sumOfLines } from './figures.js';
import type { PastRun } from './past-run.js';
import { figuresAfter, figuresBefore, type OtherTerms, type Repriced } from './reprice.js';

interface Month {
  /** What an unlimited plan has covered under the other terms. */
  covered: Credits;
  /** The largest plan the user had, and when a run was first charged on it. */
  plan: PlanName;
  at: number;
}

/** Everything that is known of one user at a time: its months, in memory for as long as its runs come. */
export class UserTally {
  private line = EMPTY_LINE;
  private readonly months = new Map<number, Month>();

  constructor(
    readonly userId: string,
    private readonly other: OtherTerms,
    private readonly catalogue: Catalogue,
  ) {}

  /** Counts a run that both terms can price; returns what it adds. */
  add(run: PastRun, repriced: Extract<Repriced, { kind: 'priced' }>): Line {
    const month = this.monthOf(run);
    const allowance = allowanceOf(run, repriced, month);
    month.covered += allowance;
    const line: Line = {
      ...EMPTY_LINE,
      runs: 1,
      before: figuresBefore(run),
      after: figuresAfter(run, repriced.price, allowance),
    };
    this.line = sumOfLines(this.line, line);
    return line;
  }

  /** Once all runs have come: the user's line, and what each plan granted, to be added to the plan's own. */
  close(): { readonly line: Line; readonly granted: readonly (readonly [PlanName, Line])[] } {
    const granted = [...this.months.values()].map(({ plan, at }): readonly [PlanName, Line] => {
      const own = this.catalogue.plansAt(at);
      return [
        plan,
        {
          ...EMPTY_LINE,
          grantedBefore: monthlyGrant(plan, own),
          grantedAfter: monthlyGrant(plan, this.other.planTable ?? own),
        },
      ];
    });
    return { line: granted.reduce((sum, [, line]) => sumOfLines(sum, line), this.line), granted };
  }

  private monthOf({ at, plan }: PastRun): Month {
    const start = periodStart(at);
    const known = this.months.get(start);
    if (known === undefined) {
      const month = { covered: 0n, plan, at };
      this.months.set(start, month);
      return month;
    }
    if (comparePlans(plan, known.plan) > 0) {
      known.plan = plan;
      known.at = at;
    }
    return known;
  }
}

/** As charged when nothing that decides on it has changed; else what the plan covers, up to its fair use of the month. */
function allowanceOf(
  run: PastRun,
  { unchanged, coverable, plan }: Extract<Repriced, { kind: 'priced' }>,
  { covered }: Month,
): Credits {
  if (unchanged) return run.allowance;
  const { monthly } = plan;
  if (monthly.kind !== 'unlimited' || monthly.fairUse === undefined) return coverable;
  return minCredits(coverable, maxCredits(monthly.fairUse - covered, 0n));
}
