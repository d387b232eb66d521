import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { ForeignPositionError, PositionBeyondHeadError } from '#libs/event-store/errors.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Logger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import type { Consumer } from './consumer.js';
import { publishDeadLetters } from './dead-letter-outbox.js';
import { Drain } from './drain.js';
import { asError, ConsumerStoppedError } from './errors.js';
import { keepHouse, registerConsumer } from './housekeeping.js';
import { Inbox } from './inbox.js';
import { backOffMs, FAULT_POLICY, RETRY_POLICY, type RetryPolicy } from './retry-policy.js';
import type { MessageSource } from './source.js';
import { messagingSql } from './sql-file.js';
import { type ConsumerStatus, Tally } from './status.js';
import { withPatience } from './with-patience.js';

const HIGHEST = messagingSql('highest-position.sql');

/** Transactions of a consumer side by side in one process. */
const LANES = 4;
/** Draining, housekeeping, dead letters and the source's checkpoint. */
const OTHER_CONNECTIONS = 4;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export interface RunConsumerOptions {
  readonly consumer: Consumer;
  readonly source: MessageSource;
  readonly databaseUrl: string;
  /** The log whose events come, however they come. */
  readonly store: Pick<EventStore, 'logId' | 'head'>;
  readonly log: Logger;
  /** Ends it once what is in hand is handled. */
  readonly signal: AbortSignal;
  /** Given the way to ask how it is doing. */
  readonly onStarted?: (status: () => ConsumerStatus) => void;
  readonly policy?: RetryPolicy;
  readonly handlerMsMax?: number;
}

/**
 * Lets a consumer act on every public event of its types exactly once, from the beginning of the log, until the signal
 * fires. Faults of Postgres, the log or the brokers are waited out; a message that fails waits with the later ones of
 * its stream while the others go on. Safe beside other processes of the same consumer.
 * @throws ConsumerStoppedError when it cannot go on until somebody acts
 */
export async function runConsumer(options: RunConsumerOptions): Promise<void> {
  const { consumer, databaseUrl } = options;
  if (!NAME.test(consumer.name))
    throw new Error(`Consumer name "${consumer.name}" must be lower-case words with dashes.`);
  const pool = createPool({
    url: databaseUrl,
    applicationName: `consumer ${consumer.name}`,
    max: LANES + OTHER_CONNECTIONS,
  });
  try {
    await new ConsumerRun(options, pool).run();
  } finally {
    await options.source.close();
    await pool.end();
  }
}

class ConsumerRun {
  private readonly tally = new Tally();
  /** Ends what runs beside the source, also when that has ended by itself. */
  private readonly over = new AbortController();

  constructor(
    private readonly options: RunConsumerOptions,
    private readonly pool: Pool,
  ) {}

  async run(): Promise<void> {
    const { onStarted, signal } = this.options;
    onStarted?.(() => this.status());
    try {
      await withPatience(() => this.checkLog(), { signal, isFinal, onFault: this.onFault });
      const others = this.besides();
      try {
        await this.follow();
      } finally {
        this.over.abort();
        await Promise.all(others);
      }
    } catch (error) {
      // Stopped before it had begun: what failed last was waited out by nobody.
      if (signal.aborted && !isFinal(error)) return;
      this.tally.failed(asError(error));
      this.tally.state = 'stopped';
      throw error;
    }
  }

  private status(): ConsumerStatus {
    const { consumer, source } = this.options;
    const { state, handled, skipped, repeated, retried, parked, waiting, failures, lastError } = this.tally;
    return {
      name: consumer.name,
      source: source.kind,
      ...{ state, handled, skipped, repeated, retried, parked, waiting, failures, lastError },
      ...source.progress(),
    };
  }

  private readonly onFault = (error: Error): void => {
    const { log, consumer } = this.options;
    this.tally.failed(error);
    log.warn(
      { err: error, consumer: consumer.name, failures: this.tally.failures },
      'a consumer cannot go on now and tries again; nothing is lost',
    );
  };

  /** @throws ConsumerStoppedError when what the consumer knows is of another log, or of more than there is */
  private async checkLog(): Promise<void> {
    const { consumer, store } = this.options;
    const known = await registerConsumer(this.pool, { name: consumer.name, logId: store.logId });
    if (known !== store.logId) {
      throw new ConsumerStoppedError(
        consumer.name,
        `this database knows what it did with log ${known}, this log is ${store.logId}. ` +
          'Give the worker the database that belongs to this log, or an empty one.',
      );
    }
    const { rows } = await this.pool.query<{ position: string | null }>(HIGHEST, [consumer.name]);
    const highest = BigInt(rows[0]?.position ?? 0);
    const head = await store.head();
    if (highest > head) {
      throw new ConsumerStoppedError(
        consumer.name,
        `it has handled position ${highest}, the log ends at ${head}: the log was replaced or truncated. ` +
          'Restore the log and this database from the same time.',
      );
    }
  }

  private besides(): readonly Promise<void>[] {
    const { consumer, source, store, policy = RETRY_POLICY, handlerMsMax } = this.options;
    const { pool, tally } = this;
    const { signal } = this.over;
    const given = { consumer, logId: store.logId, pool, policy, tally, signal };
    const drain = new Drain({ ...given, ...(handlerMsMax === undefined ? {} : { handlerMsMax }) });
    const { publish } = source;
    return [
      this.forEver(() => drain.run()),
      this.forEver(() => keepHouse({ name: consumer.name, logId: store.logId, pool, tally, signal })),
      ...(publish
        ? [this.forEver(() => publishDeadLetters({ consumer: consumer.name, pool, publish, signal }))]
        : []),
    ];
  }

  /** Repeats what runs beside the source until all is over; its faults do not concern the source. */
  private async forEver(work: () => Promise<void>): Promise<void> {
    const { signal } = this.over;
    const { log, consumer } = this.options;
    await withPatience(work, {
      signal,
      onFault: (err) =>
        log.warn({ err, consumer: consumer.name }, 'work beside a consumer failed and is tried again'),
    }).catch(() => undefined);
  }

  private async follow(): Promise<void> {
    const {
      consumer,
      source,
      databaseUrl,
      store,
      log,
      signal,
      policy = RETRY_POLICY,
      handlerMsMax,
    } = this.options;
    const { pool, tally } = this;
    const inbox = new Inbox({
      ...{ consumer, pool, policy, tally, lanes: LANES },
      ...(handlerMsMax === undefined ? {} : { handlerMsMax }),
    });
    const accept = async (deliveries: Parameters<Inbox['accept']>[0]): Promise<void> => {
      await inbox.accept(deliveries);
      tally.works();
    };
    const run = {
      ...{ consumer, logId: store.logId, databaseUrl, pool, accept, signal, log, onFault: this.onFault },
      onState: (state: 'running' | 'standby') => {
        tally.state = state;
      },
    };
    while (!signal.aborted) {
      try {
        await source.run(run);
        if (!signal.aborted)
          throw new Error(`The ${source.kind} of consumer ${consumer.name} has ended by itself.`);
      } catch (error) {
        if (isFinal(error)) throw stopped(consumer.name, error);
        if (signal.aborted) return;
        this.onFault(asError(error));
        await sleep(backOffMs(FAULT_POLICY, tally.failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof ConsumerStoppedError ||
  error instanceof ForeignPositionError ||
  error instanceof PositionBeyondHeadError;

function stopped(consumer: string, error: unknown): unknown {
  if (!(error instanceof ForeignPositionError)) return error;
  return new ConsumerStoppedError(
    consumer,
    `a message of another log has come. ${error.message} ` +
      'Give the ledgers different topics (KAFKA_TOPIC_PREFIX), or this one the log it had.',
    { cause: error },
  );
}
