import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopback, type LogLevel, type Role } from './config-core.js';
import { Unusable, type ValuesOf, type Variable } from './config-parsers.js';
import { VARIABLES } from './config-variables.js';
import type { PAYOUT_APPROVALS, PAYOUT_PROVIDERS, PAYOUT_SCHEDULES } from './config-workers.js';

export { isLoopback, type LogLevel, type Role } from './config-core.js';

/** How the brokers are reached. */
export interface KafkaConfig {
  /** host:port of each. */
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  /** Of a topic that has to be made. */
  readonly partitions: number;
  readonly tls: boolean;
  readonly login?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface PayoutConfig {
  readonly provider: (typeof PAYOUT_PROVIDERS)[number];
  readonly schedule: (typeof PAYOUT_SCHEDULES)[number];
  readonly approval: (typeof PAYOUT_APPROVALS)[number];
  /** Absolute folder of the file provider. */
  readonly filesDir: string;
  readonly stripe: {
    readonly secretKey: string | undefined;
    readonly apiUrl: string;
    /** Signing secrets of the webhook endpoint, all of them valid. */
    readonly webhookSecrets: readonly string[];
  };
}

export interface NotificationConfig {
  /** Absent: mails are written as files into `dataDir/outbox`. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Days before credits lapse at which their user is told; 0: never. */
  readonly creditsExpiringDays: number;
  /** host:port of webhook receivers that may be private. */
  readonly webhookAllowedHosts: readonly string[];
}

/** The configuration of one process, checked. Variables and their meaning: `config-core.ts` and its neighbours. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Absent: the embedded Postgres under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Absent: events are kept in Postgres. */
  readonly eventStoreUrl: string | undefined;
  /** Keeps several ledgers apart on one event store. */
  readonly eventStoreNamespace: string | undefined;
  /** Absent: workers read the log. */
  readonly kafka: KafkaConfig | undefined;
  /** Where /metrics and /health are served apart from the api; absent: nowhere. */
  readonly metrics: { readonly port: number; readonly host: string } | undefined;
  readonly payouts: PayoutConfig;
  readonly notifications: NotificationConfig;
  readonly roles: readonly Role[];
  readonly logLevel: LogLevel;
  /** Credits. */
  readonly creatorFeeMax: bigint;
  /** Days that a creator's earnings wait before they can be paid out. */
  readonly holdingPeriodDays: number;
  /** Credits. */
  readonly payoutMinimum: bigint;
  /** Credits in one plan credit. */
  readonly planCredit: bigint;
  /** Absent: made under `dataDir`. */
  readonly signingKey: string | undefined;
  /** For the command line; absent: the engine under `dataDir`. */
  readonly ledgerUrl: string | undefined;
}

/** One or more variables cannot be used; the message has one line for each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole configuration. An empty variable counts as absent; a secret may be given as `NAME_FILE`.
 * @throws ConfigurationError naming every variable that cannot be used, what was expected, and an example.
 */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const read = <T>(name: string, variable: Variable<T>): T | undefined => {
    const raw = rawValue(name, variable, env, problems);
    if (raw === undefined) return undefined;
    try {
      return variable.parse(raw);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      const shown = variable.secret ? 'its value (not shown)' : JSON.stringify(raw);
      problems.push(
        `${name}: ${shown} was given, expected ${error.expected}. Example: ${name}=${variable.example}`,
      );
      return undefined;
    }
  };
  const values = Object.fromEntries(
    Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => [name, read(name, variable)]),
  ) as Values;
  if (problems.length === 0) problems.push(...problemsBetween(values));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configOf(values);
}

type Values = ValuesOf<typeof VARIABLES>;

/** What is wrong though each variable by itself is not. */
function problemsBetween(values: Values): readonly string[] {
  const problems: string[] = [];
  if (!isLoopback(values.HOST) && values.ALLOW_UNAUTHENTICATED === undefined) {
    problems.push(
      `HOST: ${JSON.stringify(values.HOST)} was given, expected a loopback address (127.0.0.1, ::1 or localhost): this version has no authentication, so whoever could reach the port could move money. Where a firewall or a container network keeps strangers off it, say so: ALLOW_UNAUTHENTICATED=any-host`,
    );
  }
  if (values.EVENTSTORE_NAMESPACE !== undefined && values.EVENTSTORE_URL === undefined) {
    problems.push(
      'EVENTSTORE_NAMESPACE: given without EVENTSTORE_URL, expected both or neither. Example: EVENTSTORE_URL=esdb://eventstore:2113?tls=false',
    );
  }
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = values;
  if (mechanism !== undefined && (username === undefined || password === undefined)) {
    problems.push(
      'KAFKA_SASL_MECHANISM: given without KAFKA_USERNAME and KAFKA_PASSWORD, expected all three. Example: KAFKA_USERNAME=ledger KAFKA_PASSWORD_FILE=/run/secrets/kafka_password',
    );
  }
  if (mechanism === undefined && (username !== undefined || password !== undefined)) {
    problems.push(
      'KAFKA_USERNAME, KAFKA_PASSWORD: given without KAFKA_SASL_MECHANISM, expected all three. Example: KAFKA_SASL_MECHANISM=scram-sha-512',
    );
  }
  if (values.PAYOUT_PROVIDER === 'stripe' && values.STRIPE_SECRET_KEY === undefined) {
    problems.push(
      'STRIPE_SECRET_KEY: missing, expected the secret key of the Stripe account since PAYOUT_PROVIDER is stripe. Example: STRIPE_SECRET_KEY_FILE=/run/secrets/stripe_secret_key',
    );
  }
  return problems;
}

function configOf(values: Values): Config {
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    eventStoreUrl: values.EVENTSTORE_URL,
    eventStoreNamespace: values.EVENTSTORE_NAMESPACE,
    kafka: kafkaOf(values),
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : { port: values.METRICS_PORT, host: values.METRICS_HOST },
    payouts: {
      provider: values.PAYOUT_PROVIDER,
      schedule: values.PAYOUT_SCHEDULE,
      approval: values.PAYOUT_APPROVAL,
      filesDir: values.PAYOUT_FILES_DIR ?? join(values.DATA_DIR, 'payouts'),
      stripe: {
        secretKey: values.STRIPE_SECRET_KEY,
        apiUrl: values.STRIPE_API_URL,
        webhookSecrets: values.STRIPE_CONNECT_WEBHOOK_SECRET?.split(',').map((each) => each.trim()) ?? [],
      },
    },
    notifications: {
      smtpUrl: values.SMTP_URL,
      mailFrom: values.MAIL_FROM,
      creditsExpiringDays: values.CREDITS_EXPIRING_DAYS,
      webhookAllowedHosts: values.WEBHOOK_ALLOWED_HOSTS ?? [],
    },
    roles: values.ROLES,
    logLevel: values.LOG_LEVEL,
    creatorFeeMax: values.CREATOR_FEE_MAX,
    holdingPeriodDays: values.HOLDING_PERIOD_DAYS,
    payoutMinimum: values.PAYOUT_MINIMUM,
    planCredit: values.PLAN_CREDIT,
    signingKey: values.SIGNING_KEY,
    ledgerUrl: values.LEDGER_URL,
  };
}

function kafkaOf(values: Values): KafkaConfig | undefined {
  const {
    KAFKA_BROKERS: brokers,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD: password,
  } = values;
  if (brokers === undefined) return undefined;
  return {
    brokers,
    topicPrefix: values.KAFKA_TOPIC_PREFIX,
    partitions: values.KAFKA_PARTITIONS,
    tls: values.KAFKA_TLS === 'yes',
    ...(mechanism !== undefined && username !== undefined && password !== undefined
      ? { login: { mechanism, username, password } }
      : {}),
  };
}

function rawValue(
  name: string,
  variable: Variable<unknown>,
  env: Environment,
  problems: string[],
): string | undefined {
  const given = env[name] || undefined;
  const file = (variable.secret && env[`${name}_FILE`]) || undefined;
  if (file === undefined) return given ?? variable.default;
  if (given !== undefined) {
    problems.push(`${name}: given both as ${name} and as ${name}_FILE. Unset one of them.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(
      `${name}_FILE: the file cannot be read (${reason}), expected a file with the value of ${name}. Example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`,
    );
    return undefined;
  }
}
