import { setTimeout as sleep } from 'node:timers/promises';
import type { Transfer } from '#libs/payouts/transfer.js';
import { advance, type AdvanceParts } from './advance.js';

export interface DispatcherOptions extends AdvanceParts {
  /** Ends the dispatcher; what it has in hand is finished. */
  readonly signal: AbortSignal;
  /** A transfer could not be taken further now; it is claimed again later. */
  readonly onTrouble: (error: unknown, transfer?: Transfer) => void;
  /** Pause when nothing is due. Default 500 ms. */
  readonly pollMs?: number;
  readonly leaseMs?: number;
  readonly inFlightMax?: number;
}

const POLL_MS = 500;
/** So long others leave alone what a process that died had in hand. */
const LEASE_MS = 10_000;
const RENEWALS_A_LEASE = 3;
const IN_FLIGHT_MAX = 16;

/**
 * Takes what is due and brings provider and log to say the same, until the signal fires. Any number of them may run:
 * each transfer is in one hand at a time, and a hand that lost it writes nothing more.
 */
export async function runDispatcher(options: DispatcherOptions): Promise<void> {
  const { signal, pollMs = POLL_MS } = options;
  while (!signal.aborted) {
    let busy = false;
    try {
      busy = (await dispatchDue(options)) > 0;
      busy = (await options.provider.flush()) || busy;
    } catch (error) {
      options.onTrouble(error);
    }
    if (!busy) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** One pass over what is due now; how many were taken. */
export async function dispatchDue(options: DispatcherOptions): Promise<number> {
  const { transfers, leaseMs = LEASE_MS, inFlightMax = IN_FLIGHT_MAX, onTrouble } = options;
  const claimed = await transfers.claim({ limit: inFlightMax, leaseMs });
  if (claimed.length === 0) return 0;
  const held = new Set(claimed);
  const renewal = setInterval(() => {
    transfers.renew([...held], leaseMs).catch((error: unknown) => onTrouble(error));
  }, leaseMs / RENEWALS_A_LEASE);
  try {
    await Promise.all(
      claimed.map(async (transfer) => {
        try {
          await advance(options, transfer);
        } catch (error) {
          // The lease runs out by itself: then it is claimed again.
          onTrouble(error, transfer);
        } finally {
          held.delete(transfer);
        }
      }),
    );
  } finally {
    clearInterval(renewal);
  }
  return claimed.length;
}
