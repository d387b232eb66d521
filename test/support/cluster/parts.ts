import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEventStoreDb } from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { freshNamespace } from '#test/support/components/eventstoredb.js';
import { testKafka } from '#test/support/components/kafka.js';
import { currentRun } from '#test/support/components/test-run.js';
import { DoubleProcess } from '#test/support/eventstoredb-double/double-process.js';
import { buildProgram } from '#test/support/build.js';

const GIVEN = process.env['EVENTSTORE_URL'];

/** What the log is kept on, for titles and output: the double is never called by the name of the real one. */
export const LOG_SERVER = GIVEN === undefined ? 'the protocol double' : 'the server of EVENTSTORE_URL';

/** Few, so that a broker that many test files share stays quick; more than one, so that order has to be kept. */
const KAFKA_PARTITIONS = '3';
/** Quotes and cursors are signed alike by every api process. */
const SIGNING_KEY = 'Y2x1c3Rlci1jbHVzdGVyLWNsdXN0ZXItY2x1c3Rlcg==';

export interface ClusterParts {
  /** For every program of this ledger, beside DATABASE_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly kafka: { readonly brokers: readonly string[]; readonly prefix: string };
  /** Undefined when the server was given by address: others may use it too. */
  readonly double: DoubleProcess | undefined;
  /** The log, on a connection of the caller's own. */
  openStore(): Promise<EventStore>;
  close(): Promise<void>;
}

export interface ClusterPartsOptions {
  /** Default: the run's one broker, with topics of this ledger's own. */
  readonly brokers?: readonly string[];
  /** Whether the double keeps its log in a file, so that it survives a kill; without effect on a given server. */
  readonly keepsLog?: boolean;
}

/** What the roles of one ledger meet at, Postgres apart. @throws NoKafkaError */
export async function openClusterParts(options: ClusterPartsOptions = {}): Promise<ClusterParts> {
  const shared = await testKafka();
  const kafka = { brokers: options.brokers ?? shared.brokers, prefix: shared.prefix };
  await buildProgram();
  // Removed with the run.
  const folder = join(currentRun().folder, `cluster-${randomBytes(3).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  const double = GIVEN === undefined ? await startDouble(options, folder) : undefined;
  const url = double?.url ?? GIVEN!;
  // A given server cannot be emptied: each ledger has its own corner of it.
  const namespace = double === undefined ? freshNamespace() : undefined;
  process.stderr.write(`[test] ledger in cluster mode: ${LOG_SERVER}, Kafka, Postgres, roles as processes\n`);
  return {
    env: {
      EVENTSTORE_URL: url,
      ...(namespace === undefined ? {} : { EVENTSTORE_NAMESPACE: namespace }),
      KAFKA_BROKERS: kafka.brokers.join(),
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      KAFKA_PARTITIONS,
      SIGNING_KEY,
      DATA_DIR: join(folder, 'data'),
    },
    kafka,
    double,
    openStore: () => openEventStoreDb({ url, ...(namespace === undefined ? {} : { namespace }) }),
    close: async () => double?.stop(),
  };
}

async function startDouble(
  { keepsLog = false }: ClusterPartsOptions,
  folder: string,
): Promise<DoubleProcess> {
  return DoubleProcess.start(keepsLog ? { dataDir: join(folder, 'log') } : {});
}
