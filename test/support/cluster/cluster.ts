import { setTimeout as sleep } from 'node:timers/promises';
import { migrateAll } from '#apps/engine/migrate-all.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Role } from '#libs/platform/config.js';
import { freePort } from '#test/support/components/free-port.js';
import { type OwnKafka, startOwnKafka } from '#test/support/components/kafka.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { killLedgerProcesses, type LedgerProcess } from '#test/support/ledger-process.js';
import { type ClusterParts, openClusterParts } from './parts.js';
import { startRole } from './programs.js';

const DOWN_MS = 300;

/** What a cluster is made of; each of them may be killed. */
export const CLUSTER_ROLES = [
  'api',
  'projector',
  'settlement',
  'sweeper',
  'relay',
  'payout-worker',
  'notification-worker',
] as const satisfies readonly Role[];

export type Breakable = (typeof CLUSTER_ROLES)[number] | 'kafka' | 'log';

export interface ClusterOptions {
  /** Variables for every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A broker and a log of the test's own, which it may break. Default: the run's broker, a log that a kill would lose. */
  readonly breakable?: boolean;
}

/** Every role of a ledger as one process, over an event store and a Kafka, for a test that breaks them. */
export class Cluster {
  private readonly processes = new Map<Role, LedgerProcess>();

  private constructor(
    readonly database: TestDatabase,
    readonly parts: ClusterParts,
    readonly store: EventStore,
    private readonly broker: OwnKafka | undefined,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start({ env = {}, breakable = false }: ClusterOptions = {}): Promise<Cluster> {
    const database = await createTestDatabase();
    await migrateAll(database.url, { logElsewhere: true });
    const broker = breakable ? await startOwnKafka() : undefined;
    const parts = await openClusterParts({
      keepsLog: breakable,
      ...(broker === undefined ? {} : { brokers: broker.brokers }),
    });
    const all = {
      DATABASE_URL: database.url,
      ...parts.env,
      // The same address for callers after a restart.
      PORT: String(await freePort()),
      ...env,
    };
    const cluster = new Cluster(database, parts, await parts.openStore(), broker, all);
    await Promise.all(CLUSTER_ROLES.map((role) => cluster.startRole(role)));
    return cluster;
  }

  /** Of the HTTP interface, also while it is down. */
  get url(): string {
    return `http://127.0.0.1:${this.env['PORT']}`;
  }

  /** What a program needs to find this ledger. */
  get environment(): Readonly<Record<string, string>> {
    return this.env;
  }

  process(role: Role): LedgerProcess {
    const process = this.processes.get(role);
    if (process === undefined) throw new Error(`${role} does not run.`);
    return process;
  }

  /** kill -9; what it is told is down a moment, then `mend` starts it again. */
  async break(part: Breakable): Promise<void> {
    if (part === 'kafka') await this.ownBroker().kill();
    else if (part === 'log') await this.parts.double?.kill();
    else await this.process(part).kill();
    await sleep(DOWN_MS);
  }

  /** Starts again what was broken, and waits until it is ready. */
  async mend(part: Breakable): Promise<void> {
    if (part === 'kafka') await this.ownBroker().start();
    else if (part === 'log') await this.parts.double?.start();
    else await this.startRole(part);
  }

  async close(): Promise<void> {
    await this.store.close();
    await killLedgerProcesses();
    await this.parts.close();
    await this.broker?.kill();
    await this.database.drop();
  }

  private ownBroker(): OwnKafka {
    if (this.broker === undefined) throw new Error('The broker is the run’s: start a breakable cluster.');
    return this.broker;
  }

  private async startRole(role: Role): Promise<void> {
    this.processes.set(role, await startRole(role, this.env));
  }
}
