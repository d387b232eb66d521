import type { Config } from '#libs/platform/config.js';
import { attachEmbedded } from '#libs/platform/embedded-postgres.js';
import { EmbeddedPostgresError } from '#libs/platform/postgres-binaries.js';
import { createLogger } from '#libs/platform/logging.js';
import { ROLES } from '#libs/platform/config-core.js';
import { CliError } from './failure.js';
import { ConnectionLostError, LedgerHttp } from './http/ledger-http.js';

/** A ledger to talk to. */
export interface LedgerConnection {
  readonly url: string;
  /** Given by address, found running on the data folder, or started by this command. */
  readonly origin: 'given' | 'running' | 'started';
  /** Of the embedded engine or the configuration; undefined for a server given by address. */
  readonly databaseUrl: string | undefined;
  /** Stops what this command started; leaves alone what was there. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** `--url`; wins over LEDGER_URL. */
  readonly url: string | undefined;
  readonly config: Config;
  /** Port of an engine that has to be started; 0 takes a free one. */
  readonly port: number;
}

const PROBE_PATH = '/health/live';

/**
 * Finds a ledger: the server given by address, else the engine that runs on DATA_DIR, else one started here.
 * @throws CliError naming the address, variable or folder that is in the way
 */
export async function connectLedger({ url, config, port }: ConnectOptions): Promise<LedgerConnection> {
  const given = url ?? config.ledgerUrl;
  if (given !== undefined) {
    await probe(given);
    return { url: given, origin: 'given', databaseUrl: undefined, close: async () => undefined };
  }
  try {
    return (await attach(config)) ?? (await start(config, port));
  } catch (error) {
    throw explained(error, config);
  }
}

async function attach(config: Config): Promise<LedgerConnection | undefined> {
  // With a database of one's own there is no engine to find: this process becomes another one on that database.
  if (config.databaseUrl !== undefined) return undefined;
  const running = await attachEmbedded(config.dataDir);
  if (running === undefined) return undefined;
  if (running.apiUrl === undefined) {
    throw new CliError(
      `The engine with pid ${running.pid} on ${config.dataDir} has no HTTP interface (yet). ` +
        'Wait until it is ready, or start it with ROLES=all.',
    );
  }
  await probe(running.apiUrl);
  return { url: running.apiUrl, origin: 'running', databaseUrl: running.url, close: async () => undefined };
}

async function start(config: Config, port: number): Promise<LedgerConnection> {
  const log = createLogger({
    level: config.logLevel,
    name: 'ledger',
    // Standard output belongs to the command's own answer.
    destination: { write: (line: string) => void process.stderr.write(line) },
  });
  // Read when it is needed: whoever talks to a running ledger does not wait for a server to load.
  const { startEngine } = await import('#apps/engine/engine.js');
  // For the time of one command: what watches the ledger's own processes keeps METRICS_PORT for them.
  const engine = await startEngine({ config: { ...config, port, metrics: undefined, roles: ROLES }, log });
  return { url: engine.url!, origin: 'started', databaseUrl: engine.databaseUrl, close: () => engine.stop() };
}

/** @throws CliError when no ledger answers at the address */
async function probe(url: string): Promise<void> {
  const http = new LedgerHttp(url, { connections: 1 });
  try {
    const { status } = await http.send({ method: 'GET', path: PROBE_PATH });
    if (status !== 200)
      throw new CliError(`${url} answers ${PROBE_PATH} with status ${status}: it is no ledger.`);
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    throw new CliError(
      `No ledger answers at ${url} (${error.message}). Start one with npm start, or name another with --url.`,
    );
  } finally {
    http.close();
  }
}

function explained(error: unknown, config: Config): unknown {
  if (error instanceof EmbeddedPostgresError) return new CliError(error.message);
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return new CliError(
      `Port ${config.port} of ${config.host} is taken by another program. Set PORT to a free one, ` +
        `for example PORT=${config.port + 1}, or PORT=0 for any.`,
    );
  }
  return error;
}
