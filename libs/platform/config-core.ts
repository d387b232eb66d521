import { resolve } from 'node:path';
import { oneOf, port, PORT_MAX, text, Unusable, url, type Variables, wholeNumber } from './config-parsers.js';

/** Parts of the program that one process may run. */
export const ROLES = [
  'api',
  'projector',
  'settlement',
  'sweeper',
  'relay',
  'payout-worker',
  'notification-worker',
] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SIGNING_KEY_LENGTH_MIN = 32;
const HOLDING_PERIOD_DAYS_MAX = 365;
/** Money leaves in whole cents. */
const PAYOUT_MINIMUM_MIN = 10_000n;
const CREDITS = /^[1-9][0-9]{0,17}$/;
const HOST_NAME = /^[A-Za-z0-9.:_-]{1,253}$/;
const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;
/** Roles of the architecture that later versions bring. */
const LATER_ROLES: readonly string[] = ['notary'];

/** Without authentication whoever reaches the port can move money. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

function host(raw: string): string {
  if (!HOST_NAME.test(raw)) throw new Unusable('a host name or an IP address without port');
  return raw;
}

function roles(raw: string): readonly Role[] {
  if (raw === 'all') return ROLES;
  const names = raw.split(',').map((name) => name.trim());
  const found = names.map((name) => ROLES.find((role) => role === name));
  if (found.includes(undefined) || new Set(names).size !== names.length) {
    const later = names.filter((name) => LATER_ROLES.includes(name));
    throw new Unusable(
      `all, or a list of ${ROLES.join(', ')} without repetition` +
        (later.length > 0 ? ` (${later.join(', ')}: not in this version)` : ''),
    );
  }
  return found.filter((role) => role !== undefined);
}

function databaseUrl(raw: string): string {
  const expected = 'a Postgres address with a database name';
  url(['postgres:', 'postgresql:'], expected)(raw);
  if (new URL(raw).pathname.length < 2) throw new Unusable(expected);
  return raw;
}

function payoutMinimum(raw: string): bigint {
  const value = credits(raw);
  if (value < PAYOUT_MINIMUM_MIN) throw new Unusable(`${PAYOUT_MINIMUM_MIN} credits (one cent) or more`);
  return value;
}

function credits(raw: string): bigint {
  if (!CREDITS.test(raw))
    throw new Unusable('a whole number of credits of 1 or more, digits only, at most 18');
  return BigInt(raw);
}

/** $100: the largest grant of the shipped plans stays far below what an amount can hold. */
const PLAN_CREDIT_MAX = 100_000_000n;

function planCredit(raw: string): bigint {
  if (!CREDITS.test(raw) || BigInt(raw) > PLAN_CREDIT_MAX)
    throw new Unusable(`a whole number of credits of 1 or more, at most ${PLAN_CREDIT_MAX}, digits only`);
  return BigInt(raw);
}

/** Of every process: its address, its storage, its part of the work, and the rules of money that may be set. */
export const CORE_VARIABLES = {
  PORT: {
    type: `whole number, 0 to ${PORT_MAX}`,
    default: '3000',
    description: 'TCP port of the HTTP interface. 0 takes a free one, which the start line names.',
    example: '8080',
    parse: port,
  },
  HOST: {
    type: 'host name or IP address',
    default: '127.0.0.1',
    description:
      'Address that the HTTP interface listens on. Until authentication exists, another one than loopback is accepted only with ALLOW_UNAUTHENTICATED.',
    example: '::1',
    parse: host,
  },
  ALLOW_UNAUTHENTICATED: {
    type: 'any-host',
    description:
      'Says that HOST may be any address although there is no authentication yet: whoever reaches the port can move money, so a firewall or a container network must keep strangers off it.',
    example: 'any-host',
    parse: oneOf(['any-host']),
  },
  DATA_DIR: {
    type: 'folder',
    default: './.data',
    description:
      'Folder of the embedded engine: its Postgres, its password and its lock. Made when missing. The command line finds a running engine through it.',
    example: '/var/lib/promptflow',
    parse: (raw: string) => resolve(raw),
  },
  DATABASE_URL: {
    type: 'postgres:// address',
    description:
      'A Postgres of your own, version 15 or later, for events (unless EVENTSTORE_URL is set), read models, inboxes and checkpoints. Without it the embedded Postgres runs under DATA_DIR.',
    example: 'postgres://ledger:password@db.example.com:5432/ledger',
    secret: true,
    parse: databaseUrl,
  },
  ROLES: {
    type: `all, or a list of ${ROLES.join(', ')}`,
    default: 'all',
    description:
      'What this process runs: the HTTP interface, the read models, the settlement of creators, the sweeper of what lapses, the relay to Kafka, and the workers of payouts and notifications. A program of its own role (apps/projector and so on) runs that role and accepts no other.',
    example: 'projector,settlement',
    parse: roles,
  },
  LOG_LEVEL: {
    type: LOG_LEVELS.join(', '),
    default: 'info',
    description: 'Least severity that is logged. Logs are JSON lines on standard output.',
    example: 'warn',
    parse: oneOf(LOG_LEVELS),
  },
  CREATOR_FEE_MAX: {
    type: 'credits (1,000,000 credits = $1.00)',
    default: '100000000',
    description: 'Highest creator fee of a run and highest price of a flow.',
    example: '5000000',
    parse: credits,
  },
  HOLDING_PERIOD_DAYS: {
    type: `whole number from 0 to ${HOLDING_PERIOD_DAYS_MAX}`,
    default: '7',
    description:
      'Days that a creator’s earnings wait, from the end of the day (UTC) on which they were earned, before they can be paid out.',
    example: '14',
    parse: wholeNumber({ min: 0, max: HOLDING_PERIOD_DAYS_MAX }),
  },
  PAYOUT_MINIMUM: {
    type: 'credits (1,000,000 credits = $1.00)',
    default: '10000000',
    description: 'Smallest payout to a creator, a cent (10,000 credits) or more.',
    example: '25000000',
    parse: payoutMinimum,
  },
  PLAN_CREDIT: {
    type: 'credits (1,000,000 credits = $1.00)',
    default: '10000',
    description:
      'Credits in one plan credit, the unit of the plan table: 10,000 credits are $0.01. Counts when a log gets its first plan table; after that a new table is published (POST /api/plans).',
    example: '10000',
    parse: planCredit,
  },
  SIGNING_KEY: {
    type: `text of ${SIGNING_KEY_LENGTH_MIN} characters or more`,
    description:
      'Key that signs quotes and the cursors of paged answers. The embedded engine makes one under DATA_DIR; several api processes on one database need the same one given.',
    example: 'f8Wm0c1Qx7sV3nLr9ZtBk5HyPjDe2GuA',
    secret: true,
    parse: text({
      min: SIGNING_KEY_LENGTH_MIN,
      expected: `at least ${SIGNING_KEY_LENGTH_MIN} random characters`,
    }),
  },
  LEDGER_URL: {
    type: 'http:// or https:// address',
    description:
      'Server that the command line talks to. Without it the command line attaches to the engine under DATA_DIR, or starts one.',
    example: 'http://127.0.0.1:3000',
    parse: url(['http:', 'https:'], 'an http:// or https:// address'),
  },
} as const satisfies Variables;
