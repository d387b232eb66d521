import { Kafka, type LogEntry, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';

const CONNECT_TIMEOUT_MS = 3_000;
const LOGIN_TIMEOUT_MS = 5_000;
/** A broker that has not answered by then: the outcome of what was asked is unknown. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface KafkaClientOptions {
  readonly config: KafkaConfig;
  /** Shown in the brokers' logs and metrics, for example `ledger-relay`. */
  readonly clientId: string;
  readonly log: Logger;
  /** How the client itself repeats what failed. Default: five times in about ten seconds. */
  readonly retry?: RetryOptions;
}

const RETRY_DEFAULT: RetryOptions = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 5 };

/** A client of the brokers that are configured. Connects only when something is asked of it. */
export function kafkaClient({ config, clientId, log, retry = RETRY_DEFAULT }: KafkaClientOptions): Kafka {
  const sasl = saslOf(config);
  return new Kafka({
    clientId,
    brokers: [...config.brokers],
    ssl: config.tls,
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: LOGIN_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => write(log, entry),
  });
}

function saslOf({ login }: KafkaConfig): SASLOptions | undefined {
  if (login === undefined) return undefined;
  const { mechanism, username, password } = login;
  return { mechanism, username, password };
}

/**
 * The client reports as an error whatever fails, also what it then repeats, and warns of its own options. Who uses it is
 * told of failures by what its calls throw and judges them; here they are worth a warning at most.
 */
function write(log: Logger, { level, namespace, log: { message, ...rest } }: LogEntry): void {
  const fields = { namespace, ...withoutNoise(rest) };
  if (level === logLevel.ERROR) log.warn(fields, `kafka: ${message}`);
  else log.debug(fields, `kafka: ${message}`);
}

/** Its own clock and stack: the line has a time already, and the stack is of the client's innards. */
function withoutNoise({ timestamp: _timestamp, stack: _stack, ...rest }: Record<string, unknown>): object {
  return rest;
}
