/** POST /api/pricing/what-if; amounts are credits as decimal strings. */
export interface WhatIfReply {
  readonly from?: string;
  readonly to?: string;
  readonly terms: {
    readonly policy?: string;
    readonly rateCard?: Published;
    readonly planTable?: Published;
  };
  readonly users: number;
  readonly total: LineReply;
  readonly byModel: readonly (LineReply & { readonly model: string })[];
  readonly byPlan: readonly (LineReply & { readonly plan: string })[];
  readonly byUser: readonly (LineReply & { readonly userId: string })[];
  readonly otherUsers: LineReply & { readonly users: number };
  readonly refused: readonly RefusedReply[];
  readonly asOf: { readonly position: string; readonly time: string };
}

export interface Published {
  readonly id: string;
  readonly version: number;
}

export interface FiguresReply {
  readonly revenue: string;
  readonly inference: string;
  readonly markup: string;
  readonly byokFee: string;
  readonly platformShare: string;
  readonly creatorsIncome: string;
  readonly usersCost: string;
  readonly allowance: string;
  readonly monthlyCredits?: string;
}

export interface LineReply {
  readonly runs: number;
  readonly before: FiguresReply;
  readonly after: FiguresReply;
}

export interface RefusedReply {
  readonly code: string;
  readonly model: string;
  readonly plan: string;
  readonly runs: number;
  readonly before: FiguresReply;
}
