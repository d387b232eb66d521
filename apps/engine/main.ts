import { EventEmitter } from 'node:events';
import { ConfigurationError, loadConfig } from '#libs/platform/config.js';
import { EmbeddedPostgresError } from '#libs/platform/postgres-binaries.js';
import { createLogger } from '#libs/platform/logging.js';
import { NotDurableError } from '#libs/event-store-postgres/durability.js';
import { MigrationError } from '#libs/platform/migrations.js';
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
EventEmitter.defaultMaxListeners = 30;

/** A signal that came while starting, acted on once there is something to stop. */
const LATE = 'earlier signal';

let engine: Engine | undefined;
let stopRequested = false;

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger({ level: config.logLevel, name: 'ledger' });
  const stop = (signal: string): void => {
    // While starting, the stop waits for the start; a second signal changes nothing.
    const repeated = stopRequested && signal !== LATE;
    stopRequested = true;
    if (repeated) return;
    log.info({ signal }, 'stopping');
    void engine?.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  engine = await startEngine({ config, log });
  if (stopRequested) return stop(LATE);
  const where = engine.url === undefined ? 'no HTTP interface' : engine.url;
  log.info(
    { url: engine.url, roles: config.roles, startedInMs: Math.round(performance.now()) },
    `PromptFlow Ledger is ready: ${where} (no authentication yet: loopback only)`,
  );
}

main().catch((error: unknown) => {
  // What the user can mend is said in words; anything else keeps its stack.
  const expected = EXPECTED.some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(expected ? EXIT_UNUSABLE : 1);
});
