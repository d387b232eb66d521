import { readFileSync } from 'node:fs';

const SCHEMES = new Set(['esdb', 'kurrentdb', 'kurrent', 'kdb']);
const FORM = /^([a-z]+)(\+discover)?:\/\/(?:([^/@]*)@)?([^/?@]+)\/*(?:\?(.*))?$/i;
const PORT_DEFAULT = 2_113;
const PORT_MAX = 65_535;
/** The client warns below this, since servers may close a connection that pings more often. */
const KEEP_ALIVE_MS_MIN = 10_000;
const EXAMPLE = 'for example esdb://localhost:2113?tls=false or esdb+discover://user:password@cluster:2113';

/** `EVENTSTORE_URL` cannot be used. Says what is wrong and the way out, never the password. */
export class EventStoreUrlError extends Error {
  override readonly name = 'EventStoreUrlError';
  constructor(problem: string, options?: ErrorOptions) {
    super(`EVENTSTORE_URL ${problem}`, options);
  }
}

export interface Host {
  readonly address: string;
  readonly port: number;
}

/** What the client's constructor takes, by its own names; times in milliseconds, `gossipTimeout` in seconds. */
export interface ConnectionSettings {
  readonly hosts: readonly Host[];
  /** Ask the hosts for the members of their cluster, and use the leader. */
  readonly discover: boolean;
  readonly insecure: boolean;
  readonly rootCertificate?: Buffer;
  readonly userCertFile?: Buffer;
  readonly userKeyFile?: Buffer;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly options: Readonly<Record<string, number | string>>;
}

/**
 * Reads `esdb://`, `esdb+discover://` and the newer `kurrentdb://` spellings. The client's own parser knows only the
 * first two, cuts a password at its first colon and prints the whole address, password included, when it warns.
 * @throws EventStoreUrlError
 */
export function parseConnectionString(url: string): ConnectionSettings {
  const match = FORM.exec(url.trim());
  if (!match || !SCHEMES.has(match[1]!.toLowerCase())) {
    throw new EventStoreUrlError(`is not an address of an EventStoreDB or KurrentDB: expected ${EXAMPLE}.`);
  }
  const parameters = parametersOf(match[5] ?? '');
  const insecure = booleanOf(parameters, 'tls') === false;
  if (booleanOf(parameters, 'tlsVerifyCert') === false) {
    throw new EventStoreUrlError(
      'has tlsVerifyCert=false, which this client cannot do: give the certificate authority with tlsCAFile=<path>.',
    );
  }
  const preference = parameters.get('nodepreference') ?? 'leader';
  if (preference.toLowerCase() !== 'leader') {
    throw new EventStoreUrlError(
      `has nodePreference=${preference}: reads that decide are answered by the leader, leave it out.`,
    );
  }
  const credentials = credentialsOf(match[3]);
  const hosts = match[4]!.split(',').map(hostOf);
  return {
    hosts,
    discover: match[2] !== undefined || hosts.length > 1,
    insecure,
    ...(credentials && { credentials }),
    ...certificatesOf(parameters, insecure),
    options: optionsOf(parameters),
  };
}

/** Lower-case names without dashes and underscores, as the client reads them. */
function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = pair.split('=');
    const key = name.toLowerCase().replace(/[_-]/g, '');
    if (!KNOWN.has(key)) {
      throw new EventStoreUrlError(`has an unknown option "${name}": known are ${[...NAMES].join(', ')}.`);
    }
    if (value.length === 0)
      throw new EventStoreUrlError(`has no value for "${name}": write ${name}=<value>.`);
    parameters.set(key, decoded(value.join('='), name));
  }
  return parameters;
}

const NUMBERS = [
  'defaultDeadline',
  'discoveryInterval',
  'gossipTimeout',
  'maxDiscoverAttempts',
  'keepAliveInterval',
  'keepAliveTimeout',
] as const;
const FILES = ['tlsCAFile', 'userCertFile', 'userKeyFile'] as const;
const NAMES = [
  'tls',
  'tlsVerifyCert',
  ...FILES,
  'nodePreference',
  'connectionName',
  ...NUMBERS,
  'throwOnAppendFailure',
] as const;
const KNOWN = new Set(NAMES.map((name) => name.toLowerCase()));

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new EventStoreUrlError(`has a ${what} that is not percent-encoded as it must be.`);
  }
}

function booleanOf(parameters: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = parameters.get(name.toLowerCase());
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new EventStoreUrlError(`has ${name}=${value}: expected true or false.`);
}

function credentialsOf(text: string | undefined): ConnectionSettings['credentials'] {
  if (text === undefined || text === '') return undefined;
  const colon = text.indexOf(':');
  if (colon < 1) {
    throw new EventStoreUrlError('has a user without a password: write user:password@ in front of the host.');
  }
  return {
    username: decoded(text.slice(0, colon), 'user name'),
    password: decoded(text.slice(colon + 1), 'password'),
  };
}

function hostOf(text: string): Host {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::([0-9]+))?$/.exec(text.trim());
  const port = Number(match?.[2] ?? PORT_DEFAULT);
  if (!match || port < 1 || port > PORT_MAX) {
    throw new EventStoreUrlError(`has a host "${text}" that is not host:port, ${EXAMPLE}.`);
  }
  return { address: match[1]!, port };
}

function optionsOf(parameters: ReadonlyMap<string, string>): Record<string, number | string> {
  const options: Record<string, number | string> = {};
  for (const name of NUMBERS) {
    const value = parameters.get(name.toLowerCase());
    if (value === undefined) continue;
    const number = /^-?[0-9]{1,9}$/.test(value) ? Number(value) : NaN;
    const keepAlive = name.startsWith('keepAlive');
    const least = keepAlive ? (number === -1 ? -1 : KEEP_ALIVE_MS_MIN) : 1;
    if (!(number >= least)) {
      throw new EventStoreUrlError(
        `has ${name}=${value}: expected ${keepAlive ? `milliseconds of at least ${KEEP_ALIVE_MS_MIN}, or -1 for none` : 'a whole number of at least 1'}.`,
      );
    }
    options[name] = number;
  }
  const name = parameters.get('connectionname');
  return name === undefined ? options : { ...options, connectionName: name };
}

function certificatesOf(
  parameters: ReadonlyMap<string, string>,
  insecure: boolean,
): Pick<ConnectionSettings, 'rootCertificate' | 'userCertFile' | 'userKeyFile'> {
  const given = FILES.filter((name) => parameters.has(name.toLowerCase()));
  if (insecure || given.length === 0) return {};
  const [authority, certificate, key] = FILES.map((name) => {
    const path = parameters.get(name.toLowerCase());
    return path === undefined ? undefined : readNamed(path, name);
  });
  if ((certificate === undefined) !== (key === undefined)) {
    throw new EventStoreUrlError('names only one of userCertFile and userKeyFile: give both.');
  }
  return {
    ...(authority && { rootCertificate: authority }),
    ...(certificate && key && { userCertFile: certificate, userKeyFile: key }),
  };
}

function readNamed(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EventStoreUrlError(`names ${name}=${path}, which cannot be read.`, { cause });
  }
}
