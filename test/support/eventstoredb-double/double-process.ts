import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { RemoteFaults } from './remote-faults.js';

/** The program as built: whoever starts it sees to the build first. */
const PROGRAM = join(PROJECT_ROOT, 'dist', 'test', 'support', 'eventstoredb-double', 'main.js');
const READY = /^protocol double ready: (\S+), control (\S+)$/;

export interface DoubleProcessOptions {
  /** Folder of its log; without one a kill loses the log. */
  readonly dataDir?: string;
  readonly dropSlowSubscribers?: boolean;
  readonly statsEveryAppends?: number;
}

/** A protocol double in a process of its own, which ends with the process that started it. */
export class DoubleProcess {
  #child: ChildProcess | undefined;
  #url = '';
  #faults: RemoteFaults | undefined;

  private constructor(private readonly options: DoubleProcessOptions) {}

  static async start(options: DoubleProcessOptions = {}): Promise<DoubleProcess> {
    const double = new DoubleProcess(options);
    await double.start();
    return double;
  }

  /** The same over restarts. */
  get url(): string {
    return this.#url;
  }

  get faults(): RemoteFaults {
    if (!this.#faults) throw new Error('The protocol double is not running: call start() first.');
    return this.#faults;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Starts it, again on its earlier port after `kill` or `stop`. */
  async start(): Promise<void> {
    if (this.#child) return;
    const { dataDir, dropSlowSubscribers, statsEveryAppends } = this.options;
    const port = /:(\d+)\?/.exec(this.#url)?.[1] ?? '0';
    const args = ['--port', port, '--control-port', '0', '--stats-every', String(statsEveryAppends ?? 0)];
    if (dataDir !== undefined) args.push('--data', dataDir);
    if (dropSlowSubscribers) args.push('--drop-slow');
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    const child = fork(PROGRAM, args, {
      stdio: [...stdio],
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let errors = '';
    child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    for await (const line of createInterface({ input: child.stdout! })) {
      const ready = READY.exec(line);
      if (!ready) continue;
      this.#child = child;
      this.#url = ready[1]!;
      this.#faults = new RemoteFaults(ready[2]!);
      // Whatever else it says must not fill the pipe.
      child.stdout!.resume();
      return;
    }
    throw new Error(`The protocol double did not start. Was it built? (npm run build)\n${errors}`);
  }

  /** `kill -9`: what it held in memory alone is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends open streams cleanly first. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#faults = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
