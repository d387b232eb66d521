import type { Decision } from '#libs/ledger/decision.js';
import type { RefusalCode } from '#libs/ledger/refusal.js';
import { CREATOR_REFUSALS } from './creator-rows.js';
import { CREDIT_REFUSALS } from './credit-rows.js';
import { PLAN_REFUSALS } from './plan-rows.js';
import { RUN_REFUSALS } from './run-rows.js';

/** A command refused with `code`, in a state in which as many of the later rows' faults as can be are there too. */
export interface RefusalRow {
  readonly code: RefusalCode;
  readonly when: string;
  decide(): Decision<unknown>;
}

export interface RefusedCommand {
  readonly command: string;
  readonly route: string;
  /** In the order of the checks. */
  readonly rows: readonly RefusalRow[];
}

/** Every refusal that a decider can give, by command. */
export const REFUSAL_TABLE: readonly RefusedCommand[] = [
  ...RUN_REFUSALS,
  ...CREDIT_REFUSALS,
  ...PLAN_REFUSALS,
  ...CREATOR_REFUSALS,
];
