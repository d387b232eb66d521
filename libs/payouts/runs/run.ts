import { hash } from 'node:crypto';
import { CREDITS_PER_CENT } from '#libs/kernel/credits.js';

export const RUN_STATES = ['prepared', 'approved', 'rejected', 'running', 'done'] as const;
/** `prepared` waits for finance, `approved` for the worker. */
export type RunState = (typeof RUN_STATES)[number];

/** `listed`: to be requested. `requested`: it was. `skipped`: the ledger refused when it came to it. */
export type ItemState = 'listed' | 'excluded' | 'requested' | 'skipped';

export const EXCLUSIONS = ['negative', 'below_minimum', 'no_destination', 'provider_not_configured'] as const;
/** Why a creator who is owed something is not paid by a run. */
export type Exclusion = (typeof EXCLUSIONS)[number];

/** A creator at the moment a run is prepared. */
export interface RunCandidate {
  readonly creatorId: string;
  /** Credits that have matured; negative after refunds of what was paid out. */
  readonly payable: bigint;
  readonly destination?: { readonly provider: string; readonly reference: string };
}

export interface RunItem extends RunCandidate {
  /** Place in the run. */
  readonly seq: bigint;
  /** What would be paid, in US cents; 0 when excluded. */
  readonly amountCents: bigint;
  readonly state: ItemState;
  /** An exclusion, or the code of the refusal. */
  readonly reason?: string;
  readonly payoutId?: string;
  /** What was requested, in US cents: less than listed when less was payable by then. */
  readonly requestedCents?: bigint;
  /** How far the transfer is, once there is one. */
  readonly transferState?: string;
}

/** Sums of a run, amounts in US cents. */
export interface RunTotals {
  readonly creators: number;
  readonly listed: number;
  readonly excluded: number;
  readonly requested: number;
  readonly skipped: number;
  /** Of all that were not excluded. */
  readonly amountCents: bigint;
  readonly requestedCents: bigint;
}

/** One payout run, times in milliseconds since the epoch. */
export interface PayoutRun {
  readonly seq: bigint;
  readonly runId: string;
  /** Of a scheduled run, for example `monthly-2026-11-01`. */
  readonly period?: string;
  readonly state: RunState;
  /** The moment for which it was judged what is payable. */
  readonly judgedAt: number;
  /** Place in the log that the amounts show. */
  readonly position: string;
  readonly preparedAt: number;
  readonly preparedBy: string;
  /** Approved or rejected. */
  readonly decidedAt?: number;
  readonly decidedBy?: string;
  readonly startedAt?: number;
  readonly doneAt?: number;
  readonly totals: RunTotals;
}

/** What a run is judged by. */
export interface RunRules {
  /** Smallest payout in credits. */
  readonly minimum: bigint;
  /** Whether a destination with this provider name can be paid. */
  readonly accepts: (provider: string) => boolean;
}

export type Judgement =
  | { readonly amountCents: bigint; readonly exclusion?: undefined }
  | { readonly amountCents: 0n; readonly exclusion: Exclusion };

/** What a run makes of a creator, in this order: what is owed comes before where it would go. */
export function judgeCandidate({ payable, destination }: RunCandidate, rules: RunRules): Judgement {
  const exclude = (exclusion: Exclusion): Judgement => ({ amountCents: 0n, exclusion });
  if (payable < 0n) return exclude('negative');
  const amountCents = payable / CREDITS_PER_CENT;
  if (amountCents * CREDITS_PER_CENT < rules.minimum) return exclude('below_minimum');
  if (destination === undefined) return exclude('no_destination');
  if (!rules.accepts(destination.provider)) return exclude('provider_not_configured');
  return { amountCents };
}

const ID_LENGTH_MAX = 128;
const HASH_HEX_DIGITS = 32;

/** The payout by which a run pays a creator: always the same, and an id whatever the creator is called. */
export function runPayoutId(runId: string, creatorId: string): string {
  const whole = `run-${runId}-${creatorId}`;
  if (whole.length <= ID_LENGTH_MAX) return whole;
  return `run-${runId}-${hash('sha256', creatorId, 'hex').slice(0, HASH_HEX_DIGITS)}`;
}
