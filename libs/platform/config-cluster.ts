import {
  listOf,
  oneOf,
  port,
  PORT_MAX,
  text,
  url,
  Unusable,
  type Variables,
  wholeNumber,
} from './config-parsers.js';

const EVENT_STORE_PROTOCOLS = ['esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:'];
const BROKER = /^[A-Za-z0-9._-]{1,253}:[0-9]{1,5}$/;
const NAMESPACE = /^[A-Za-z][A-Za-z0-9]{0,31}$/;
const TOPIC_PREFIX = /^[A-Za-z0-9._-]{0,100}$/;
/** More than any cluster of this ledger needs; a topic's partitions can only grow. */
const PARTITIONS_MAX = 1_000;
const YES_NO = ['yes', 'no'] as const;

function namespace(raw: string): string {
  if (!NAMESPACE.test(raw)) throw new Unusable('letters and digits, a letter first, at most 32');
  return raw;
}

function topicPrefix(raw: string): string {
  if (!TOPIC_PREFIX.test(raw)) throw new Unusable('letters, digits, dot, dash and underscore, at most 100');
  return raw;
}

/** What turns one machine into a cluster: another log, a fan-out, and ports to watch each process by. */
export const CLUSTER_VARIABLES = {
  EVENTSTORE_URL: {
    type: 'esdb:// or kurrentdb:// address, also with +discover',
    description:
      'An EventStoreDB or KurrentDB that keeps the events. Without it they are kept in Postgres. Every process of a ledger needs the same one.',
    example: 'esdb://admin:changeit@localhost:2113?tls=false',
    secret: true,
    parse: url(EVENT_STORE_PROTOCOLS, 'an esdb:// or kurrentdb:// address, also esdb+discover://'),
  },
  EVENTSTORE_NAMESPACE: {
    type: 'letters and digits, a letter first',
    description:
      'Keeps several ledgers apart on the server of EVENTSTORE_URL: the names of all streams begin with it and a dot. Never change it: the ledger would be another one.',
    example: 'staging',
    parse: namespace,
  },
  KAFKA_BROKERS: {
    type: 'list of host:port',
    description:
      'Kafka brokers: the relay publishes events to them and the workers read them there. Without it the workers read the log themselves.',
    example: 'kafka-1:9092,kafka-2:9092',
    parse: listOf(BROKER, 'a list of host:port, separated by commas, without repetition'),
  },
  KAFKA_TOPIC_PREFIX: {
    type: 'text',
    default: 'promptflow.',
    description: 'What the names of all topics and consumer groups begin with.',
    example: 'staging.promptflow.',
    parse: topicPrefix,
  },
  KAFKA_PARTITIONS: {
    type: `whole number from 1 to ${PARTITIONS_MAX}`,
    default: '6',
    description:
      'Partitions of a topic that the relay has to make. An existing topic stays as it is: the order of a stream rests on its partition.',
    example: '12',
    parse: wholeNumber({ min: 1, max: PARTITIONS_MAX }),
  },
  KAFKA_TLS: {
    type: 'yes or no',
    default: 'no',
    description:
      'Whether the brokers are spoken to by TLS. NODE_EXTRA_CA_CERTS names a certificate authority of your own.',
    example: 'yes',
    parse: oneOf(YES_NO),
  },
  KAFKA_SASL_MECHANISM: {
    type: 'plain, scram-sha-256 or scram-sha-512',
    description: 'How the brokers want to be logged in to; needs KAFKA_USERNAME and KAFKA_PASSWORD.',
    example: 'scram-sha-512',
    parse: oneOf(['plain', 'scram-sha-256', 'scram-sha-512']),
  },
  KAFKA_USERNAME: {
    type: 'text',
    description: 'Login at the brokers.',
    example: 'ledger',
    parse: text({ min: 1, expected: 'a name' }),
  },
  KAFKA_PASSWORD: {
    type: 'text',
    description: 'Password of KAFKA_USERNAME.',
    example: 'a-long-password',
    secret: true,
    parse: text({ min: 1, expected: 'a password' }),
  },
  METRICS_PORT: {
    type: `whole number, 0 to ${PORT_MAX}`,
    description:
      'TCP port of its own for /metrics, /health/live and /health/ready of this process. 0 takes a free one, which the start line names. Without it only a process with the api answers /health.',
    example: '9464',
    parse: port,
  },
  METRICS_HOST: {
    type: 'host name or IP address',
    default: '127.0.0.1',
    description: 'Address that METRICS_PORT listens on.',
    example: '0.0.0.0',
    parse: text({ min: 1, expected: 'a host name or an IP address' }),
  },
} as const satisfies Variables;
