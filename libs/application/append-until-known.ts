import { setTimeout as sleep } from 'node:timers/promises';
import { AppendOutcomeUnknownError, StoreUnavailableError } from '#libs/event-store/errors.js';
import type { AppendOptions, AppendResult, EventStore, NewEvent } from '#libs/event-store/port.js';

const RETRY_DELAY_MS_MIN = 20;
const RETRY_DELAY_MS_MAX = 1_000;

export interface Append {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly options: AppendOptions;
}

export interface AppendPatience {
  /** How long callers are kept waiting, ms. */
  readonly answerAfterMs: number;
  /** Called at each try whose outcome is unknown. */
  readonly onDoubt?: () => void;
  /** Called at each try after that while the outcome is in doubt. */
  readonly onLate: () => void;
  /** `closing`: what was never tried is not tried again. `abandoned`: nothing is, everybody was answered. */
  readonly stopping: () => 'no' | 'closing' | 'abandoned';
}

/**
 * Appends until the outcome is known: repeated with the same ids and the same expectation it ends by confirmation or
 * by a conflict that proves the first try dead. Callers are not kept waiting for it.
 * @throws what the store throws, once nothing is in doubt or everybody was answered
 */
export async function appendUntilKnown(
  store: EventStore,
  { stream, events, options }: Append,
  { answerAfterMs, onDoubt, onLate, stopping }: AppendPatience,
): Promise<AppendResult> {
  const giveUpAt = performance.now() + answerAfterMs;
  let inDoubt = false;
  for (let delayMs = RETRY_DELAY_MS_MIN; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX)) {
    try {
      return await store.append(stream, events, options);
    } catch (error) {
      const unknown = error instanceof AppendOutcomeUnknownError;
      if (!unknown && !(error instanceof StoreUnavailableError)) throw error;
      inDoubt ||= unknown;
      if (unknown) onDoubt?.();
      const late = performance.now() > giveUpAt;
      const stop = stopping();
      if (stop === 'abandoned' || (!inDoubt && (late || stop === 'closing'))) throw error;
      if (late) onLate();
    }
    await sleep(delayMs);
  }
}
