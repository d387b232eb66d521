import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { withResolvers } from '#libs/kernel/with-resolvers.js';
import type { KafkaConfig } from '#libs/platform/config.js';
import { buildProgram } from '#test/support/build.js';

const PROGRAM = join(PROJECT_ROOT, 'test', 'support', 'programs', 'effects-worker.mjs');

export interface WorkerOptions {
  /** Of the consumer. */
  readonly name: string;
  readonly databaseUrl: string;
  /** Absent: the log of the database is read. */
  readonly kafka?: KafkaConfig;
  readonly logId?: string;
  /** Kills itself with SIGKILL behind so many batches, when the effects are committed and nothing else is. */
  readonly killAfter?: number;
  /** Called for each effect. */
  readonly sink?: string;
  /** How long the handler takes, milliseconds. */
  readonly slowMs?: number;
  readonly sessionTimeoutMs?: number;
}

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it counted, when it ended cleanly. */
  readonly counted:
    { readonly handled: number; readonly repeated: number; readonly parked: number } | undefined;
}

/** A worker of the test consumer as a process of its own. Ends with the test at the latest. */
export class WorkerProcess {
  private static readonly running = new Set<WorkerProcess>();

  readonly ended: Promise<WorkerEnd>;
  /** It ends cleanly when told to. */
  private readonly listening: Promise<void>;
  private output = '';

  private constructor(private readonly child: ChildProcess) {
    const { promise, resolve } = withResolvers<void>();
    this.listening = promise;
    const see = (chunk: Buffer): void => {
      this.output += chunk.toString();
      if (this.output.includes('started')) resolve();
    };
    child.stdout!.on('data', see);
    child.stderr!.on('data', see);
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      counted: this.counted(),
    }));
  }

  static async start(options: WorkerOptions): Promise<WorkerProcess> {
    await buildProgram();
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const worker = new WorkerProcess(child);
    WorkerProcess.running.add(worker);
    void worker.ended.finally(() => WorkerProcess.running.delete(worker));
    // Before that it would not hear a SIGTERM, but die of it.
    await Promise.race([worker.listening, worker.ended]);
    return worker;
  }

  /** Ends those that a failed test has left. */
  static async killAll(): Promise<void> {
    await Promise.all([...WorkerProcess.running].map((worker) => worker.kill()));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<WorkerEnd> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async kill(): Promise<WorkerEnd> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  /** What it printed, for the message of a failed test. */
  get said(): string {
    return this.output;
  }

  private counted(): WorkerEnd['counted'] {
    const line = this.output.split('\n').find((each) => each.startsWith('{"handled"'));
    return line === undefined ? undefined : (JSON.parse(line) as WorkerEnd['counted']);
  }
}
