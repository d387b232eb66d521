import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { assertNever } from '#libs/kernel/assert-never.js';
import { withResolvers } from '#libs/kernel/with-resolvers.js';
import type { Logger } from '#libs/platform/logging.js';
import type { BackgroundData } from './background.js';
import type { FromBackground, ToBackground } from './background-messages.js';
import type { ThreadReport, WatchedThread } from './process-watch.js';
import { EngineStartError } from './start-error.js';

const RESTART_DELAY_MS = 1_000;
const STOP_PATIENCE_MS = 10_000;
/** More than its roles get to answer; Prometheus waits for 10 s. */
const REPORT_MS_MAX = 2_500;

export interface BackgroundThread extends WatchedThread {
  /** The roles have begun to run; fails with what kept the thread from starting the first time. */
  readonly started: Promise<void>;
  stop(): Promise<void>;
}

/** Runs the background roles on a thread of their own; should it end by itself, it is started again. */
export function startBackgroundThread(data: BackgroundData, log: Logger): BackgroundThread {
  let stopping = false;
  const { promise: started, resolve: markStarted, reject: failStart } = withResolvers<void>();
  let hasStarted = false;
  // Whoever stops before asking must not be killed by its failure.
  started.then(
    () => (hasStarted = true),
    () => undefined,
  );
  const questions = new Questions();
  let worker = run();

  function run(): Worker {
    const next = new Worker(new URL('./background.js', import.meta.url), { workerData: data });
    next.on('message', (message: FromBackground) => {
      switch (message.kind) {
        case 'started':
          return markStarted();
        case 'report':
          return questions.answered(message.question, message.report);
        case 'unusable':
          // The first time it ends the start, which says it; later the thread tries again.
          if (hasStarted) log.error({}, `background thread cannot start: ${message.message}`);
          return failStart(new EngineStartError(message.message, undefined, undefined));
        default:
          return assertNever(message);
      }
    });
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
    report: () => questions.ask((message) => worker.postMessage(message)),
    get answeredAt() {
      return questions.answeredAt;
    },
    async stop() {
      stopping = true;
      const exited = new Promise((done) => worker.once('exit', done));
      if (worker.threadId < 0) return;
      worker.postMessage({ kind: 'stop' } satisfies ToBackground);
      const patience = sleep(STOP_PATIENCE_MS, undefined, { ref: false });
      await Promise.race([exited, patience.then(() => worker.terminate())]);
    },
  };
}

/** Questions to the thread that wait for their answers. */
class Questions {
  answeredAt = performance.now();
  private last = 0;
  private readonly waiting = new Map<number, (report: ThreadReport | undefined) => void>();

  /** Undefined when no answer came in time. */
  ask(say: (message: ToBackground) => void): Promise<ThreadReport | undefined> {
    const question = ++this.last;
    const { promise, resolve } = withResolvers<ThreadReport | undefined>();
    const timer = setTimeout(() => this.answered(question, undefined), REPORT_MS_MAX);
    this.waiting.set(question, (report) => {
      clearTimeout(timer);
      resolve(report);
    });
    say({ kind: 'report', question });
    return promise;
  }

  answered(question: number, report: ThreadReport | undefined): void {
    if (report !== undefined) this.answeredAt = performance.now();
    this.waiting.get(question)?.(report);
    this.waiting.delete(question);
  }
}
