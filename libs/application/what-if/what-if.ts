import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import { EMPTY_LINE, type Figures, type Line, NOTHING, sumOf, sumOfLines } from './figures.js';
import type { PastRun } from './past-run.js';
import { figuresBefore, type OtherTerms, type RefusalReason, reprice } from './reprice.js';
import { TopUsers, type UserLine } from './top-users.js';
import { UserTally } from './user-tally.js';

/** Half-open, milliseconds since the epoch, by when a run took place (`ranAt`), else by when it was charged. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Runs that the other terms would not have let take place: in no sum, never free. */
export interface RefusedRuns {
  readonly reason: RefusalReason;
  readonly model: string;
  readonly plan: PlanName;
  readonly runs: number;
  readonly before: Figures;
}

export interface WhatIfAnswer {
  readonly users: number;
  /** Every run of the span that both terms can price. */
  readonly total: Line;
  readonly byModel: readonly (Line & { readonly model: string })[];
  readonly byPlan: readonly (Line & { readonly plan: PlanName })[];
  /** Whose cost changes most, the heaviest first. */
  readonly byUser: readonly UserLine[];
  readonly otherUsers: Line & { readonly users: number };
  readonly refused: readonly RefusedRuns[];
}

export interface WhatIfQuestion {
  readonly span: Span;
  readonly other: OtherTerms;
  readonly catalogue: Catalogue;
  /** How many users are told apart. */
  readonly usersMax: number;
}

/**
 * Prices past runs again, writing nothing. Runs come user by user (each user's together, users in ascending order of
 * bytes), so that memory holds one user, the models, the plans and `usersMax` lines, however many runs there are, and
 * every sum is exact.
 * @throws UnknownTermsError, and an Error when a user's runs do not come together
 */
export async function whatIf(
  pages: AsyncIterable<readonly PastRun[]>,
  question: WhatIfQuestion,
): Promise<WhatIfAnswer> {
  const sums = new Sums(question);
  for await (const page of pages) for (const run of page) sums.take(run);
  return sums.close();
}

class Sums {
  private user: UserTally | undefined;
  private lastUserId: string | undefined;
  private users = 0;
  private total = EMPTY_LINE;
  private readonly byModel = new Map<string, Line>();
  private readonly byPlan = new Map<PlanName, Line>();
  private readonly refused = new Map<string, RefusedRuns>();
  private readonly top: TopUsers;

  constructor(private readonly question: WhatIfQuestion) {
    this.top = new TopUsers(question.usersMax);
  }

  take(run: PastRun): void {
    this.checkOrder(run.userId);
    const { span, other, catalogue } = this.question;
    const time = run.ranAt ?? run.at;
    if (time < span.from || time >= span.to) return;
    const repriced = reprice(run, other, catalogue);
    if (repriced.kind === 'refused') return this.refuse(run, repriced.reason);
    this.user ??= new UserTally(run.userId, other, catalogue);
    const line = this.user.add(run, repriced);
    addTo(this.byModel, run.model, line);
    addTo(this.byPlan, run.plan, line);
  }

  close(): WhatIfAnswer {
    this.closeUser();
    return {
      users: this.users,
      total: this.total,
      byModel: sorted(this.byModel).map(([model, line]) => ({ model, ...line })),
      byPlan: sorted(this.byPlan).map(([plan, line]) => ({ plan, ...line })),
      byUser: this.top.users,
      otherUsers: this.top.others,
      refused: sorted(this.refused).map(([, each]) => each),
    };
  }

  private checkOrder(userId: string): void {
    if (userId === this.lastUserId) return;
    if (this.lastUserId !== undefined && userId < this.lastUserId) {
      throw new Error(`Runs of ${userId} come after those of ${this.lastUserId}: sort them by user.`);
    }
    this.closeUser();
    this.lastUserId = userId;
  }

  private closeUser(): void {
    if (this.user === undefined) return;
    const { line, granted } = this.user.close();
    for (const [plan, grant] of granted) addTo(this.byPlan, plan, grant);
    this.total = sumOfLines(this.total, line);
    this.top.add({ userId: this.user.userId, ...line });
    this.users++;
    this.user = undefined;
  }

  private refuse(run: PastRun, reason: RefusalReason): void {
    const { model, plan } = run;
    const key = `${reason} ${model} ${plan}`;
    const known = this.refused.get(key) ?? { reason, model, plan, runs: 0, before: NOTHING };
    this.refused.set(key, {
      ...known,
      runs: known.runs + 1,
      before: sumOf(known.before, figuresBefore(run)),
    });
  }
}

function addTo<K>(lines: Map<K, Line>, key: K, line: Line): void {
  lines.set(key, sumOfLines(lines.get(key) ?? EMPTY_LINE, line));
}

const sorted = <K extends string, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));
