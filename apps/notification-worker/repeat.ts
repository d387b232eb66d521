import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#libs/platform/logging.js';
import { ReadModelMissing } from './read-models.js';

/** Work that found nothing more to do rests at least so many times as long as it took: it may look at a lot. */
const REST_FACTOR = 10;

export interface RepeatOptions {
  readonly what: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly pauseMs: number;
  /** After something failed; not longer than `pauseMs`. */
  readonly faultPauseMs: number;
  /** True when there is more to do at once. */
  readonly work: () => Promise<boolean>;
}

/** Does `work` again and again until the signal fires. A failure is tried again, and said once for each new reason. */
export async function repeat(options: RepeatOptions): Promise<void> {
  const { what, log, signal, pauseMs, faultPauseMs, work } = options;
  let said: string | undefined;
  while (!signal.aborted) {
    const began = performance.now();
    let pause: number;
    try {
      const more = await work();
      pause = more ? 0 : Math.max(pauseMs, REST_FACTOR * (performance.now() - began));
      said = undefined;
    } catch (err) {
      pause = faultPauseMs;
      const reason = err instanceof Error ? err.message : String(err);
      if (reason !== said) {
        if (err instanceof ReadModelMissing) log.info({ what }, reason);
        else log.warn({ err, what }, 'something that is to be told could not be, and is tried again');
      }
      said = reason;
    }
    if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
