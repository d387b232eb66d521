import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { FixedTerms } from './prices.js';
import type { LotKind, LotOrigin, RunPurpose } from '#libs/ledger/wallet/vocabulary.js';

/**
 * A wallet as the domain rules describe it: plain data that is changed in place and copied by `structuredClone`. It
 * forgets nothing: every lot, hold, charge and id there ever was stays in its list.
 */
export interface ModelState {
  status: 'none' | 'open' | 'frozen' | 'closed';
  /** Time of the last thing that happened. */
  lastAt: number;
  /** Things that happened; a command that adds none leaves no trace. */
  happened: number;
  plan: PlanName;
  /** A service has let the plan run without a payment. */
  granted: boolean;
  /** Plan from the next month on. */
  scheduled: PlanName | undefined;
  subscriptions: { plan: PlanName; from: number; until: number }[];
  /** Month that was last rolled to. */
  month: string;
  lots: ModelLot[];
  holds: Map<string, ModelHold>;
  runs: Map<string, ModelCharge>;
  flows: Map<string, ModelCharge>;
  refundIds: Set<string>;
  /** Purchases and subscriptions by payment id. */
  payments: Map<string, 'purchase' | 'revoked' | 'subscription'>;
  prompts: Map<string, { isPrivate: boolean; sizeBytes: number }>;
  /** Of `month`. */
  allowanceUsed: bigint;
  testRuns: number;
  uncollected: bigint;
  /** Largest first. */
  thresholds: bigint[];
}

/** `added = left + spent + expired + taken + moved`, always. */
export interface ModelLot {
  /** Given by the ledger; only lots alike in all else are ordered by it. */
  id: string;
  kind: LotKind;
  origin: LotOrigin;
  added: bigint;
  left: bigint;
  /** Gone into charges and unlocks, less what came back. */
  spent: bigint;
  expired: bigint;
  /** Revoked, or paid back when the wallet was closed. */
  taken: bigint;
  /** Refunded after the lot had lapsed, into a refund lot. */
  moved: bigint;
  /** Infinity for none. */
  lapsesAt: number;
  bornAt: number;
  paymentId: string | undefined;
  /** What the revocation of its payment took, while that stands. */
  revoked: { left: bigint; spent: bigint; expired: bigint } | undefined;
}

/** Lots are named by their place in the list. */
export interface Part {
  lot: number;
  amount: bigint;
}

export interface ModelHold {
  state: 'open' | 'lapsed' | 'closed';
  runId: string;
  model: string;
  purpose: RunPurpose;
  byok: boolean;
  creatorId: string | undefined;
  creatorFee: bigint;
  parts: Part[];
  allowance: bigint;
  expiresAt: number;
  /** Month in which its test run was counted. */
  month: string;
  terms: FixedTerms;
}

export type Component = 'inference' | 'markup' | 'byokFee' | 'platformShare' | 'creatorShare';
/** The order in which a refund is spread. */
export const COMPONENTS: readonly Component[] = [
  'inference',
  'markup',
  'byokFee',
  'platformShare',
  'creatorShare',
];

/** What is left of a charge or an unlock to refund: by component, and by who paid. */
export interface ModelCharge {
  creatorId: string | undefined;
  at: number;
  month: string;
  left: Record<Component, bigint>;
  /** In the order drawn, as far as not refunded. */
  draws: Part[];
  allowance: bigint;
  uncollected: bigint;
}

export const newState = (): ModelState => ({
  status: 'none',
  lastAt: -Infinity,
  happened: 0,
  plan: 'FREE',
  granted: false,
  scheduled: undefined,
  subscriptions: [],
  month: '',
  lots: [],
  holds: new Map(),
  runs: new Map(),
  flows: new Map(),
  refundIds: new Set(),
  payments: new Map(),
  prompts: new Map(),
  allowanceUsed: 0n,
  testRuns: 0,
  uncollected: 0n,
  thresholds: [],
});
