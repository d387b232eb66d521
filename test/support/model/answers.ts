import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { LotKind } from '#libs/ledger/wallet/vocabulary.js';

/** What the model says of a wallet right after a command. All amounts in credits. */
export interface ModelBalance extends Readonly<Record<LotKind, bigint>> {
  readonly available: bigint;
  readonly held: bigint;
  readonly uncollected: bigint;
  /** What the allowance of an unlimited plan covered this month; absent on other plans. */
  readonly unlimitedUsed?: bigint;
}

export interface ModelDone {
  readonly done: true;
  readonly replayed: boolean;
  readonly balance: ModelBalance;
  /** Low-balance thresholds that the command crossed, largest first. */
  readonly crossed: readonly bigint[];
}

export interface ModelRefused {
  readonly done: false;
  readonly code: string;
  /** Of `wallet.insufficient_credits`. */
  readonly needed?: bigint;
  readonly available?: bigint;
  /** Of `refund.exceeds_charge`. */
  readonly remaining?: bigint;
}

export type ModelAnswer = ModelDone | ModelRefused;

/** Undefined: nothing speaks against it. */
export type Objection = ModelRefused | undefined;

export const refusal = (code: string, figures: Omit<ModelRefused, 'done' | 'code'> = {}): ModelRefused => ({
  done: false,
  code,
  ...figures,
});

/** What a wallet uses of its plan. */
export interface ModelUses {
  readonly plan: PlanName;
  /** Plan that was asked for from the next month on. */
  readonly scheduled: PlanName | undefined;
  readonly privatePrompts: number;
  /** This month. */
  readonly testRuns: number;
  readonly storageBytes: number;
}
