import { type Figures, type Line, revenueOf, usersCostOf } from '#libs/application/what-if/figures.js';
import type { OtherTerms } from '#libs/application/what-if/reprice.js';
import type { WhatIfAnswer } from '#libs/application/what-if/what-if.js';
import type { WhatIfDto } from './what-if.dto.js';

export interface AnswerContext {
  readonly dto: WhatIfDto;
  readonly other: OtherTerms;
  readonly asOf: { readonly position: string; readonly time: number };
}

/** The answer as JSON text; amounts are strings. */
export function answerText(answer: WhatIfAnswer, { dto, other, asOf }: AnswerContext): string {
  const { total, byModel, byPlan, byUser, otherUsers, refused } = answer;
  const named = (each: { readonly id: string; readonly version: number } | undefined) =>
    each && { id: each.id, version: each.version };
  return JSON.stringify({
    from: dto.from,
    to: dto.to,
    terms: { policy: other.policy?.id, rateCard: named(other.rateCard), planTable: named(other.planTable) },
    users: answer.users,
    total: lineJson(total),
    byModel: byModel.map(({ model, ...line }) => ({ model, ...lineJson(line, NO_GRANTS) })),
    byPlan: byPlan.map(({ plan, ...line }) => ({ plan, ...lineJson(line) })),
    byUser: byUser.map(({ userId, ...line }) => ({ userId, ...lineJson(line) })),
    otherUsers: { users: otherUsers.users, ...lineJson(otherUsers) },
    refused: refused.map(({ reason, model, plan, runs, before }) => ({
      code: reason,
      model,
      plan,
      runs,
      before: figuresJson(before),
    })),
    asOf: { position: asOf.position, time: new Date(asOf.time).toISOString() },
  });
}

/** Plans grant credits to users, not to models. */
const NO_GRANTS = { grants: false };

function lineJson(line: Line, { grants } = { grants: true }): object {
  const { runs, before, after, grantedBefore, grantedAfter } = line;
  return {
    runs,
    before: { ...figuresJson(before), ...(grants ? { monthlyCredits: grantedBefore.toString() } : {}) },
    after: { ...figuresJson(after), ...(grants ? { monthlyCredits: grantedAfter.toString() } : {}) },
  };
}

const figuresJson = (figures: Figures): object => ({
  revenue: revenueOf(figures).toString(),
  inference: figures.inference.toString(),
  markup: figures.markup.toString(),
  byokFee: figures.byokFee.toString(),
  platformShare: figures.platformShare.toString(),
  creatorsIncome: figures.creatorShare.toString(),
  usersCost: usersCostOf(figures).toString(),
  allowance: figures.allowance.toString(),
});
