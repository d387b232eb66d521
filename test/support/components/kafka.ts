import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { type OwnKafka, startBroker } from './kafka/broker.js';
import { findKafkaJars, NoKafkaError } from './kafka/jars.js';
import { currentRun, isRequired, once, prefixOf, startKeeper, type TestRun } from './test-run.js';

export type { OwnKafka } from './kafka/broker.js';
export { NoKafkaError } from './kafka/jars.js';

/** Fetching the jars for the first time is most of it. */
const START_PATIENCE_MS = 400_000;

export interface TestKafka {
  /** `host:port`. */
  readonly brokers: readonly string[];
  /** Of this caller's own; what topics and groups begin with, for KAFKA_TOPIC_PREFIX. */
  readonly prefix: string;
}

/** What jest gives its test files; not imported, so that a bench can use this component too. */
interface SuiteGlobals {
  readonly describe: ((name: string, tests: () => void) => void) & {
    readonly skip: (name: string, tests: () => void) => void;
  };
  readonly test: (name: string, run: () => void) => void;
}

type FoundKafka = { readonly brokers: readonly string[] } | { readonly missing: string };

/**
 * The run's one real broker, which the first caller finds or starts, with a prefix for topics of the caller's own:
 * `KAFKA_BROKERS` if given, otherwise the jars that Maven fetches, run by Java. Whatever happens to the run, its keeper
 * ends the broker, or deletes the topics from the given one. @throws NoKafkaError
 */
export async function testKafka(): Promise<TestKafka> {
  const run = currentRun();
  const found = await once(run, { name: 'kafka', patienceMs: START_PATIENCE_MS }, () => findKafka(run));
  if ('missing' in found) throw new NoKafkaError(`There is no Kafka here: ${found.missing}`);
  const prefix = `${prefixOf(run).replaceAll('_', '-')}${randomBytes(3).toString('hex')}.`;
  return { brokers: found.brokers, prefix };
}

/** A broker for one test alone, which may break it; always from the jars, since a given one belongs to others. */
export async function startOwnKafka(): Promise<OwnKafka> {
  const run = currentRun();
  await startKeeper(run);
  const jars = await findKafkaJars();
  return startBroker({ run, jars, folder: join(run.folder, `own-kafka-${randomBytes(3).toString('hex')}`) });
}

/**
 * A `describe` whose tests need Kafka: `await describeOnKafka('the relay', () => ...)`. Without one it is skipped, with
 * the reason on standard error, or fails when REQUIRE_COMPONENTS names kafka.
 */
export async function describeOnKafka(name: string, tests: () => void): Promise<void> {
  const { describe, test } = globalThis as unknown as SuiteGlobals;
  const missing = await testKafka().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof NoKafkaError) return error;
      throw error;
    },
  );
  if (missing === undefined) return describe(name, tests);
  if (isRequired('kafka')) {
    return describe(name, () => {
      test('has the Kafka that REQUIRE_COMPONENTS asks for', () => {
        throw missing;
      });
    });
  }
  process.stderr.write(`[test] SKIPPED "${name}": ${missing.message}\n`);
  describe.skip(name, tests);
}

async function findKafka(run: TestRun): Promise<FoundKafka> {
  await startKeeper(run);
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined) return givenKafka(given.split(','));
  try {
    const jars = await findKafkaJars();
    const { brokers } = await startBroker({ run, jars, folder: join(run.folder, 'kafka') });
    process.stderr.write(`[test] Kafka ${jars.version} from Maven's jars, one node at ${brokers.join()}\n`);
    return { brokers };
  } catch (error) {
    if (error instanceof NoKafkaError) return { missing: error.message };
    throw error;
  }
}

async function givenKafka(brokers: readonly string[]): Promise<FoundKafka> {
  const client = new Kafka({
    clientId: 'promptflow-test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  await admin.connect();
  const cluster = await admin.describeCluster();
  await admin.disconnect();
  process.stderr.write(`[test] Kafka at KAFKA_BROKERS, ${cluster.brokers.length} broker(s)\n`);
  return { brokers };
}
