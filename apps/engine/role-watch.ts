import type { Role } from '#libs/platform/config.js';
import { Metrics } from '#libs/platform/metrics/metrics.js';
import type { RoleHealth, RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

/** An answer from memory comes at once; one that does not come is the role's own problem. */
const ANSWER_MS_MAX = 1_500;

interface Watched {
  ask: (() => RoleHealth | Promise<RoleHealth>) | undefined;
  restarts: number;
  /** Why it ended, until it has begun again and says how it is doing. */
  lastError: string | undefined;
}

/** How the roles of one thread are doing, and its metrics. */
export class RoleWatch {
  private readonly watched = new Map<Role, Watched>();

  constructor(readonly metrics: Metrics = new Metrics()) {
    metrics.gauge({
      name: 'ledger_role_running',
      help: 'Whether the role works or stands by (1), or begins, fails or has stopped (0).',
      labels: ['role'],
      read: async () =>
        [...(await this.ask())].map(([role, { state }]) => ({
          labels: { role },
          value: state === 'working' || state === 'standby' ? 1 : 0,
        })),
    });
    metrics.gauge({
      name: 'ledger_role_leading',
      help: 'Whether the role works here (1) or stands by for another process, or does not run (0).',
      labels: ['role'],
      read: async () =>
        [...(await this.ask())].map(([role, { state }]) => ({
          labels: { role },
          value: state === 'working' ? 1 : 0,
        })),
    });
    metrics.counter({
      name: 'ledger_role_restarts_total',
      help: 'How often the role has ended and was started again.',
      labels: ['role'],
      read: () => [...this.watched].map(([role, { restarts }]) => ({ labels: { role }, value: restarts })),
    });
  }

  /** To be handed to the role, each time it is started. */
  monitor(role: Role): RoleMonitor {
    const watched = this.watched.get(role) ?? { ask: undefined, restarts: 0, lastError: undefined };
    this.watched.set(role, watched);
    return {
      metrics: this.metrics,
      onHealth: (ask) => {
        watched.ask = ask;
        watched.lastError = undefined;
      },
    };
  }

  /** The role has ended though nobody asked it to. */
  ended(role: Role, error?: Error): void {
    const watched = this.watched.get(role);
    if (watched === undefined) return;
    watched.ask = undefined;
    watched.restarts += 1;
    watched.lastError = error?.message;
  }

  async ask(): Promise<ReadonlyMap<Role, RoleHealth>> {
    const asked = [...this.watched].map(async ([role, watched]) => [role, await healthOf(watched)] as const);
    return new Map(await Promise.all(asked));
  }
}

async function healthOf({ ask, lastError }: Watched): Promise<RoleHealth> {
  if (ask === undefined) {
    return lastError === undefined
      ? { state: 'starting' }
      : { state: 'failing', problems: [`it has ended and is started again: ${lastError}`] };
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<RoleHealth>((resolve) => {
    const problems = [`it did not say within ${ANSWER_MS_MAX} ms how it is doing`];
    timer = setTimeout(() => resolve({ state: 'failing', problems }), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([Promise.resolve().then(ask), late]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { state: 'failing', problems: [`it cannot say how it is doing: ${reason}`] };
  } finally {
    clearTimeout(timer);
  }
}
