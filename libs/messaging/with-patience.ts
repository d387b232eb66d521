import { setTimeout as sleep } from 'node:timers/promises';
import { asError } from './errors.js';
import { backOffMs, FAULT_POLICY } from './retry-policy.js';

export interface PatienceOptions {
  /** Ends the attempts; the last failure is thrown then. */
  readonly signal: AbortSignal;
  readonly onFault: (error: Error) => void;
  /** Whether repeating cannot help. */
  readonly isFinal?: (error: unknown) => boolean;
}

/** Repeats `work` with growing pauses until it succeeds. @throws its failure once the signal has fired or it is final */
export async function withPatience<T>(
  work: () => Promise<T>,
  { signal, onFault, isFinal = () => false }: PatienceOptions,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      onFault(asError(error));
      await sleep(backOffMs(FAULT_POLICY, failures), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
