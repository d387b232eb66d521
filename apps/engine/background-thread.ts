import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { withResolvers } from '#libs/kernel/with-resolvers.js';
import type { Logger } from '#libs/platform/logging.js';
import type { BackgroundData } from './background.js';

const RESTART_DELAY_MS = 1_000;
const STOP_PATIENCE_MS = 10_000;

export interface BackgroundThread {
  /** The roles have begun to run; fails with what kept the thread from starting the first time. */
  readonly started: Promise<void>;
  stop(): Promise<void>;
}

/** Runs the background roles on a thread of their own; should it end by itself, it is started again. */
export function startBackgroundThread(data: BackgroundData, log: Logger): BackgroundThread {
  let stopping = false;
  const { promise: started, resolve: markStarted, reject: failStart } = withResolvers<void>();
  // Whoever stops before asking must not be killed by it.
  started.catch(() => undefined);
  let worker = run();

  function run(): Worker {
    const next = new Worker(new URL('./background.js', import.meta.url), { workerData: data });
    next.once('message', () => markStarted());
    next.on('error', (err) => {
      log.error({ err }, 'background thread failed');
      failStart(err);
    });
    next.once('exit', () => {
      if (stopping) return;
      log.warn({}, 'background thread has ended; starting it again');
      setTimeout(() => {
        if (!stopping) worker = run();
      }, RESTART_DELAY_MS);
    });
    return next;
  }

  return {
    started,
    async stop() {
      stopping = true;
      const exited = new Promise((done) => worker.once('exit', done));
      if (worker.threadId < 0) return;
      worker.postMessage('stop');
      const patience = sleep(STOP_PATIENCE_MS, undefined, { ref: false });
      await Promise.race([exited, patience.then(() => worker.terminate())]);
    },
  };
}
