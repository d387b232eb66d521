import { assertNever } from '#libs/kernel/assert-never.js';
import type { TransferFailure, TransferOrder } from './provider.js';

/**
 * What the provider has made of a transfer. `waiting`: it was not asked. `attempted`: it was asked, and the answer is
 * not known. `collected`: it sends it later with others. `withdrawn`: it was never sent and never will be.
 */
export const TRANSFER_STATES = [
  'waiting',
  'attempted',
  'collected',
  'withdrawn',
  'sent',
  'settled',
  'failed',
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** What the log says of the payout. */
export type LedgerState = 'requested' | 'sent' | 'settled' | 'failed';

/** Provider and log do not agree, and no machine may decide who is right. */
export interface TransferConflict {
  readonly code:
    'sent_but_failed' | 'ledger_disagrees' | 'unknown_payout' | 'provider_differs' | 'partly_reversed';
  readonly detail: string;
}

/** One payout on its way, times in milliseconds since the epoch. */
export interface Transfer extends TransferOrder {
  /** Place in the list of all transfers. */
  readonly seq: bigint;
  readonly provider: string;
  readonly state: TransferState;
  readonly ledgerState: LedgerState;
  /** The state of the log from which it failed. */
  readonly failedFrom?: LedgerState;
  /** Whether the log has taken down that we have sent it: `ledgerState` may be what somebody else has said. */
  readonly sentRecorded: boolean;
  /** The provider's id. */
  readonly reference?: string;
  readonly failure?: TransferFailure;
  readonly conflict?: TransferConflict;
  /** Times that the provider was asked to make it. */
  readonly attempts: number;
  /** Times in a row that nothing came of it; pauses grow with them. */
  readonly tries: number;
  readonly lastAttemptAt?: number;
  readonly lastError?: string;
  readonly requestedAt: number;
  readonly changedAt: number;
  /** When it is looked at again; absent when there is nothing to do. */
  readonly dueAt?: number;
  /** Number of the claim under which it was read: a later claim takes the right to change it away. */
  readonly lease: bigint;
  readonly version: bigint;
}

export type Step =
  | 'send'
  | 'look_up'
  | 'withdraw'
  | 'record_sent'
  | 'record_settled'
  | 'record_failed'
  | 'show_conflict'
  | 'none';

type Standing = Pick<Transfer, 'state' | 'ledgerState' | 'failedFrom' | 'sentRecorded'>;

/** What is to be done next, so that provider and log come to say the same. */
export function nextStep({ state, ledgerState, failedFrom, sentRecorded }: Standing): Step {
  switch (state) {
    case 'waiting':
      return ledgerState === 'requested' ? 'send' : 'withdraw';
    case 'attempted':
      return 'look_up';
    case 'collected':
      return ledgerState === 'requested' ? 'look_up' : 'withdraw';
    case 'withdrawn':
      return 'none';
    case 'sent':
      // Failed from sent or settled: finance knew of the transfer when it said so.
      if (ledgerState === 'failed') return failedFrom === 'requested' ? 'show_conflict' : 'none';
      return sentRecorded ? 'none' : 'record_sent';
    case 'settled':
      if (ledgerState === 'failed') return failedFrom === 'settled' ? 'none' : 'show_conflict';
      if (!sentRecorded) return 'record_sent';
      return ledgerState === 'settled' ? 'none' : 'record_settled';
    case 'failed':
      return ledgerState === 'failed' ? 'none' : 'record_failed';
    default:
      return assertNever(state);
  }
}
