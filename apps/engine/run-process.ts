import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { NotDurableError } from '#libs/event-store-postgres/durability.js';
import { type Config, ConfigurationError, isLoopback, loadConfig, type Role } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { MigrationError } from '#libs/platform/migrations.js';
import { EmbeddedPostgresError } from '#libs/platform/postgres-binaries.js';
import { type Engine, startEngine } from './engine.js';
import { EngineStartError } from './start-error.js';

const EXIT_UNUSABLE = 2;
const EXPECTED = [
  ConfigurationError,
  EmbeddedPostgresError,
  EngineStartError,
  NotDurableError,
  MigrationError,
];
/** Every part of a process listens for its end. */
const LISTENERS_MAX = 30;

/** A signal that came while starting, acted on once there is something to stop. */
const LATE = 'earlier signal';

export interface ProgramOptions {
  /** Of the program, for its log. */
  readonly name: string;
  /** What it runs unless ROLES narrows it. */
  readonly roles: readonly Role[];
}

/**
 * The whole life of a process: configuration, start, signals, stop. Ends it with 0 after SIGTERM or SIGINT, 2 when its
 * user can mend what is wrong (said in words on standard error), 1 otherwise.
 */
export async function runProcess(program: ProgramOptions): Promise<void> {
  EventEmitter.defaultMaxListeners = LISTENERS_MAX;
  await live(program).catch((error: unknown) => {
    const expected = EXPECTED.some((kind) => error instanceof kind);
    process.stderr.write(`${said(error, expected)}\n`);
    process.exit(expected ? EXIT_UNUSABLE : 1);
  });
}

async function live(program: ProgramOptions): Promise<void> {
  const config = configOf(program, process.env);
  const log = createLogger({ level: config.logLevel, name: program.name });
  const running: { engine?: Engine } = {};
  let stopRequested = false;
  const stop = (signal: string): void => {
    // While starting, the stop waits for the start; a second signal changes nothing, for npm and a terminal send two.
    const repeated = stopRequested && signal !== LATE;
    stopRequested = true;
    if (repeated) return;
    log.info({ signal }, 'stopping');
    void running.engine?.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  const engine = (running.engine = await startEngine({ config, log }));
  if (stopRequested) return stop(LATE);
  const { url, metricsUrl } = engine;
  log.info(
    { url, metricsUrl, roles: config.roles, startedInMs: Math.round(performance.now()) },
    `PromptFlow Ledger is ready: ${whereText(config, url)}`,
  );
}

/**
 * The configuration with the program's own roles, or those of them that ROLES names.
 * @throws ConfigurationError when ROLES asks for what the program does not run
 */
export function configOf(
  { name, roles }: ProgramOptions,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const config = loadConfig(env);
  if (!env['ROLES']) return { ...config, roles };
  const foreign = config.roles.filter((role) => !roles.includes(role));
  if (foreign.length === 0) return config;
  throw new ConfigurationError([
    `ROLES: ${JSON.stringify(env['ROLES'])} was given, but the program ${name} runs ${roles.join(' and ')} and not ${foreign.join(', ')}. Unset ROLES, or start the engine (npm start), which runs any of them.`,
  ]);
}

function whereText({ host }: Config, url: string | undefined): string {
  if (url === undefined) return 'no HTTP interface';
  return isLoopback(host)
    ? `${url} (no authentication yet: loopback only)`
    : `${url} (no authentication yet: whoever reaches it can move money)`;
}

/** What the user can mend is said in words; anything else keeps its stack. */
function said(error: unknown, expected: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return expected ? error.message : inspect(error);
}
