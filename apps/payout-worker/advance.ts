import { assertNever } from '#libs/kernel/assert-never.js';
import { pauseMs, type Pauses } from '#libs/payouts/back-off.js';
import type { FindOutcome, FoundTransfer, PayoutProvider, SendOutcome } from '#libs/payouts/provider.js';
import { nextStep, type Step, type Transfer, type TransferConflict } from '#libs/payouts/transfer.js';
import type { PayoutTransfers, TransferChange } from '#libs/payouts/transfers.js';
import { type KeptBack, type PayoutLedger, refusalWords } from './ledger.js';

/** Where a test may stop the process: each lies between two things that should happen together. */
export type WorkerPoint = 'before_send' | 'after_send' | 'before_command' | 'after_command';

export interface AdvanceParts {
  readonly transfers: PayoutTransfers;
  readonly provider: PayoutProvider;
  readonly ledger: PayoutLedger;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly at?: (point: WorkerPoint) => Promise<void>;
  readonly pauses?: Pauses;
  /** How long after a try of unknown outcome a provider that says "not found" is believed for good, ms. */
  readonly quietMs?: number;
}

/** A request that was lost on the way to the provider has arrived by then, or never will. */
const QUIET_MS = 120_000;
/** Looked at again when its file is written; this is for the case that nobody says so. */
const COLLECTED_POLL_MS = 30_000;
/** More steps than any transfer needs at once: a mistake of ours ends here instead of going round. */
const STEPS_MAX = 10;

/**
 * Takes a claimed transfer as far as it will go now. Between any two lines the process may die: who claims it next
 * begins from the row, asks the provider before repeating anything, and sends commands under the same keys.
 */
export async function advance(parts: AdvanceParts, claimed: Transfer): Promise<void> {
  let transfer: Transfer | undefined = claimed;
  for (let steps = 0; transfer !== undefined; steps++) {
    const step = nextStep(transfer);
    if (step === 'none') return rest(parts, transfer);
    if (steps === STEPS_MAX) throw new Error(`Payout ${transfer.payoutId} does not come to rest: ${step}`);
    transfer = await take(parts, step, transfer);
  }
}

/** The transfer while this process still has it; undefined when it is done with for now. */
type Next = Promise<Transfer | undefined>;

/** A change that does not keep the claim ends the work; so does a claim that was lost. */
async function move({ transfers }: AdvanceParts, transfer: Transfer, change: TransferChange): Next {
  const moved = await transfers.change(transfer, change);
  return change.keep === true ? moved : undefined;
}

/** Takes the next step at once. */
const onwards = { tries: 0, lastError: null, dueInMs: 0, keep: true } as const;

function take(parts: AdvanceParts, step: Exclude<Step, 'none'>, transfer: Transfer): Next {
  switch (step) {
    case 'send':
      return parts.provider.accepts(transfer.provider) ? send(parts, transfer) : notOurs(parts, transfer);
    case 'look_up':
      return lookUp(parts, transfer);
    case 'withdraw':
      return withdraw(parts, transfer);
    case 'record_sent':
    case 'record_settled':
    case 'record_failed':
      return record(parts, step, transfer);
    case 'show_conflict':
      return move(parts, transfer, {
        conflict: {
          code: 'sent_but_failed',
          detail: `the provider has it as ${transfer.reference ?? transfer.state}, the log says it failed`,
        },
        dueInMs: null,
      });
    default:
      return assertNever(step);
  }
}

/** Nothing to do until somebody says something new. What was in conflict and agrees now is so no more. */
async function rest({ transfers }: AdvanceParts, transfer: Transfer): Promise<void> {
  const agreed = transfer.state === 'failed' && transfer.ledgerState === 'failed';
  await transfers.change(transfer, {
    dueInMs: null,
    tries: 0,
    ...(agreed ? { conflict: null } : {}),
  });
}

/** The configuration may change: another provider, another worker. */
const NOT_OURS_PAUSE_MS = 600_000;

const notOurs = (parts: AdvanceParts, transfer: Transfer): Next =>
  move(parts, transfer, {
    lastError: `PAYOUT_PROVIDER is ${parts.provider.name}, which does not pay to accounts of "${transfer.provider}"`,
    dueInMs: NOT_OURS_PAUSE_MS,
  });

async function send(parts: AdvanceParts, transfer: Transfer): Next {
  const { provider, ledger, at } = parts;
  const permission = await ledger.maySend(transfer);
  if (permission !== 'yes') return keepBack(parts, transfer, permission);
  // Before the call: whoever finds the row after a crash looks up first.
  const attempts = transfer.attempts + 1;
  const attempted = await move(parts, transfer, { state: 'attempted', attempts, dueInMs: 0, keep: true });
  if (attempted === undefined) return undefined;
  await at?.('before_send');
  const outcome = await provider.send(orderOf(attempted));
  await at?.('after_send');
  return move(parts, attempted, changeBySend(parts, attempted, outcome));
}

function keepBack(parts: AdvanceParts, transfer: Transfer, { conflict, why }: KeptBack): Next {
  if (conflict === undefined) return standDown(parts, transfer, why);
  return move(parts, transfer, { conflict: { code: conflict, detail: why }, dueInMs: null });
}

function changeBySend(parts: AdvanceParts, transfer: Transfer, outcome: SendOutcome): TransferChange {
  switch (outcome.kind) {
    case 'sent':
      return { ...onwards, state: 'sent', reference: outcome.reference };
    case 'collected':
      return { ...onwards, state: 'collected', dueInMs: COLLECTED_POLL_MS, keep: false };
    case 'refused':
      return { ...onwards, state: 'failed', failure: { code: outcome.code, reason: outcome.reason } };
    case 'later':
      return { state: 'waiting', ...again(parts, transfer, outcome.why) };
    case 'unknown':
      return again(parts, transfer, outcome.why);
    default:
      return assertNever(outcome);
  }
}

function again({ random, pauses }: AdvanceParts, { tries }: Transfer, why: string): TransferChange {
  return { tries: tries + 1, lastError: why, dueInMs: pauseMs(tries + 1, random(), pauses) };
}

export const orderOf = ({ creatorId, payoutId, amountCents, currency, destination }: Transfer) => ({
  creatorId,
  payoutId,
  amountCents,
  currency,
  destination,
});

async function lookUp(parts: AdvanceParts, transfer: Transfer): Next {
  const found = await parts.provider.find(orderOf(transfer));
  switch (found.kind) {
    case 'sent':
    case 'settled':
    case 'failed': {
      const conflict = difference(transfer, found);
      return move(
        parts,
        transfer,
        conflict === undefined ? changeByFind(found) : { conflict, dueInMs: null },
      );
    }
    case 'collected':
      return move(parts, transfer, {
        ...onwards,
        state: 'collected',
        dueInMs: COLLECTED_POLL_MS,
        keep: false,
      });
    case 'not_found':
      return transfer.ledgerState === 'requested' ? send(parts, transfer) : standDown(parts, transfer);
    case 'unknown':
      return move(parts, transfer, again(parts, transfer, found.why));
    default:
      return assertNever(found);
  }
}

type Known = Extract<FindOutcome, { kind: 'sent' | 'settled' | 'failed' }>;

const changeByFind = (found: Known): TransferChange => ({
  ...onwards,
  state: found.kind,
  reference: found.reference,
  ...(found.kind === 'failed' ? { failure: { code: found.code, reason: found.reason } } : {}),
});

/** What the provider has under our key is not what we ask for. */
export function difference(transfer: Transfer, found: FoundTransfer): TransferConflict | undefined {
  const { amountCents, currency, destination } = transfer;
  const wrong = [
    found.amountCents === amountCents ? '' : `amount ${found.amountCents}, not ${amountCents} cents`,
    found.currency === currency ? '' : `currency ${found.currency}, not ${currency}`,
    found.destination === destination ? '' : `destination ${found.destination}, not ${destination}`,
  ].filter((text) => text !== '');
  return wrong.length === 0
    ? undefined
    : { code: 'provider_differs', detail: `${found.reference}: ${wrong.join('; ')}` };
}

/** The log has moved on: nothing is sent. What the provider may still be making is waited for. */
function standDown(parts: AdvanceParts, transfer: Transfer, why?: string): Next {
  const { now, quietMs = QUIET_MS } = parts;
  const lastError = why ?? null;
  const quietIn = transfer.attempts === 0 ? 0 : (transfer.lastAttemptAt ?? 0) + quietMs - now();
  return quietIn > 0
    ? move(parts, transfer, { lastError, dueInMs: Math.min(quietIn, COLLECTED_POLL_MS) })
    : move(parts, transfer, { state: 'withdrawn', lastError, tries: 0, dueInMs: null });
}

async function withdraw(parts: AdvanceParts, transfer: Transfer): Next {
  if (transfer.state !== 'collected') return standDown(parts, transfer);
  // Too late when it is in a file.
  if (!(await parts.provider.cancel(orderOf(transfer)))) return lookUp(parts, transfer);
  return move(parts, transfer, { state: 'withdrawn', tries: 0, dueInMs: null });
}

async function record(parts: AdvanceParts, step: keyof typeof LEDGER_STATE_AFTER, transfer: Transfer): Next {
  await parts.at?.('before_command');
  const refusal = await command(parts.ledger, step, transfer);
  await parts.at?.('after_command');
  if (refusal === undefined) {
    const ledgerState = LEDGER_STATE_AFTER[step];
    const sentRecorded = transfer.sentRecorded || step === 'record_sent';
    return move(parts, transfer, { ...onwards, ledgerState, sentRecorded });
  }
  const detail = refusalWords(refusal);
  // Money has left, and the log does not take it down.
  if (step === 'record_sent') {
    return move(parts, transfer, { conflict: { code: 'ledger_disagrees', detail }, dueInMs: null });
  }
  return move(parts, transfer, again(parts, transfer, detail));
}

const LEDGER_STATE_AFTER = {
  record_sent: 'sent',
  record_settled: 'settled',
  record_failed: 'failed',
} as const;

function command(ledger: PayoutLedger, step: keyof typeof LEDGER_STATE_AFTER, transfer: Transfer) {
  const { reference = '', failure } = transfer;
  switch (step) {
    case 'record_sent':
      return ledger.recordSent(transfer, reference);
    case 'record_settled':
      return ledger.recordSettled(transfer, reference);
    case 'record_failed':
      return ledger.recordFailed(transfer, failure?.reason ?? 'other');
    default:
      return assertNever(step);
  }
}
