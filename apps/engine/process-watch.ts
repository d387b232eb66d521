import type { Config, Role } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import { mergedText, type MetricsSnapshot, snapshotOf } from '#libs/platform/metrics/merge.js';
import { type MetricsServer, type Probe, startMetricsServer } from '#libs/platform/metrics/metrics-server.js';
import type { RoleHealth } from '#libs/platform/metrics/role-monitor.js';
import { watchProcess, watchThread } from '#libs/platform/metrics/runtime-metrics.js';
import { RoleWatch } from './role-watch.js';
import { metricsListenError } from './start-error.js';
import { programVersion } from './version.js';

/** What the thread of the background roles says of itself. */
export interface ThreadReport {
  readonly metrics: MetricsSnapshot;
  readonly roles: readonly (readonly [Role, RoleHealth])[];
}

export interface WatchedThread {
  /** Undefined when it does not answer in time. */
  report(): Promise<ThreadReport | undefined>;
  /** When it last answered, by `performance.now()`. */
  readonly answeredAt: number;
}

/** A thread that has not answered for so long hangs: only a new process helps. */
const HANGING_MS = 60_000;

const SILENT: RoleHealth = { state: 'failing', problems: ['its thread does not answer'] };

/** How this process is doing: its metrics and the health of its roles, over both threads. */
export class ProcessWatch {
  /** Of the main thread. */
  readonly main = new RoleWatch();
  private thread: WatchedThread | undefined;
  private phase: 'starting' | 'started' | 'stopping' = 'starting';
  private server: MetricsServer | undefined;

  constructor(private readonly options: { readonly config: Config; readonly log: Logger }) {
    if (options.config.metrics === undefined) return;
    watchThread(this.main.metrics, 'main');
    watchProcess(this.main.metrics, { version: programVersion() });
  }

  /** Address of `/metrics` and `/health`; undefined when none is configured. */
  get url(): string | undefined {
    return this.server?.url;
  }

  /** Listens where METRICS_PORT says, if anywhere. @throws EngineStartError */
  async listen(): Promise<void> {
    const { config, log } = this.options;
    if (config.metrics === undefined) return;
    this.server = await startMetricsServer({
      ...config.metrics,
      metrics: () => this.metrics(),
      live: () => this.live(),
      ready: () => this.ready(),
      onError: (err) => log.warn({ err }, 'a question about metrics or health failed'),
    }).catch((error: unknown) => {
      throw metricsListenError(error, config);
    });
  }

  follow(thread: WatchedThread): void {
    this.thread = thread;
  }

  started(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  /** From now on the process is not ready; it goes on answering until `stop`. */
  stopping(): void {
    this.phase = 'stopping';
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  async metrics(): Promise<string> {
    const [main, report] = await Promise.all([snapshotOf(this.main.metrics), this.thread?.report()]);
    return mergedText(report === undefined ? [main] : [main, report.metrics]);
  }

  /** Not live: a new process would help. */
  private async live(): Promise<Probe> {
    const report = await this.thread?.report();
    const silentMs = report === undefined && this.thread ? performance.now() - this.thread.answeredAt : 0;
    const ok = silentMs < HANGING_MS;
    return { ok, body: { status: ok ? 'alive' : 'hanging', roles: this.options.config.roles } };
  }

  /** Ready when each role works or stands by for another process. */
  private async ready(): Promise<Probe> {
    const roles = await this.roles();
    const problems = [...roles].flatMap(([role, { problems = [] }]) =>
      problems.map((problem) => `${role}: ${problem}`),
    );
    if (this.phase !== 'started') problems.unshift(`the process is ${this.phase}`);
    const works = [...roles.values()].every(({ state }) => state === 'working' || state === 'standby');
    const ok = works && problems.length === 0;
    const notes = [...roles].flatMap(([role, { notes = [] }]) => notes.map((note) => `${role}: ${note}`));
    const shown = [...roles].map(([role, { state, details }]) => [role, { state, ...details }] as const);
    return {
      ok,
      body: { status: ok ? 'ready' : 'not_ready', problems, notes, roles: Object.fromEntries(shown) },
    };
  }

  /** Every configured role; one that has not begun to say how it is doing is starting. */
  private async roles(): Promise<ReadonlyMap<Role, RoleHealth>> {
    const [main, report] = await Promise.all([this.main.ask(), this.thread?.report()]);
    const silent = this.phase !== 'starting' && this.thread !== undefined && report === undefined;
    const background = new Map(report?.roles);
    return new Map(
      this.options.config.roles.map((role) => [
        role,
        main.get(role) ??
          background.get(role) ??
          (silent && role !== 'api' ? SILENT : { state: 'starting' as const }),
      ]),
    );
  }
}
