import { setMaxListeners } from 'node:events';
import type { EventStore } from '#libs/event-store/port.js';
import type { Projection } from './projection.js';
import { ProjectionRunner } from './projection-runner.js';
import { SharedFeed } from './shared-feed.js';
import type { ProjectionStatus, RunnerLog } from './status.js';
import { Turnstile } from '#libs/platform/turnstile.js';

/** Most events of one batch of a projection. */
const WINDOW_EVENTS_MAX = 2_000;
/**
 * Transactions of read models under way at once: all of them would take every core from the charges that are being
 * answered, one alone would let a slow one hold up the rest.
 */
const TRANSACTIONS_AT_ONCE = 2;
/** How long a first event waits for others: light traffic is shown well within 50 ms. */
const COALESCE_MS = 15;
/** The same under heavy traffic. */
const COALESCE_MS_MAX = 100;

export interface RunProjectionsOptions {
  /** Postgres of the read models; its login must be a member of `ledger_projections`. */
  readonly url: string;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly log: RunnerLog;
  /** Ends everything: batches under way are rolled back. */
  readonly signal: AbortSignal;
  readonly windowEventsMax?: number;
  readonly coalesceMs?: number;
  readonly coalesceMsMax?: number;
}

export interface RunningProjections {
  /** One entry a projection, in the order given. */
  readonly status: () => readonly ProjectionStatus[];
  /** Resolves when the signal has fired and every connection is closed. */
  readonly ended: Promise<void>;
}

/**
 * Keeps projections up to date: one subscription and one decoding for all, a transaction and a checkpoint for each.
 * In each of them one process leads and the others stand by. A projection that fails does not stop the others.
 */
export function runProjections(options: RunProjectionsOptions): RunningProjections {
  const { url, store, log } = options;
  // Every runner listens to it; a signal of our own may have as many listeners as it likes.
  const signal = AbortSignal.any([options.signal]);
  setMaxListeners(0, signal);
  const feed = new SharedFeed({
    store,
    signal,
    windowEventsMax: options.windowEventsMax ?? WINDOW_EVENTS_MAX,
    coalesceMs: options.coalesceMs ?? COALESCE_MS,
    coalesceMsMax: options.coalesceMsMax ?? COALESCE_MS_MAX,
  });
  const turnstile = new Turnstile(TRANSACTIONS_AT_ONCE);
  const runners = options.projections.map(
    (projection) =>
      new ProjectionRunner({
        url,
        projection,
        store,
        reader: feed.reader(),
        log,
        signal,
        turnstile,
        seen: () => feed.seen,
      }),
  );
  return {
    status: () => runners.map((runner) => runner.status()),
    ended: Promise.all(runners.map((runner) => runner.run())).then(() => undefined),
  };
}
