import { EventEmitter } from 'node:events';
import { CommanderError } from 'commander';
import { ConfigurationError, loadConfig } from '#libs/platform/config.js';
import type { CommandContext } from './context.js';
import { CliError, EXIT } from './failure.js';
import { buildProgram } from './program.js';

// The embedded engine listens to more signals of this process than Node expects of one program.
EventEmitter.defaultMaxListeners = 30;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second one does not wait for the clean end; the engine takes up what this leaves.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  });
}

// Whoever reads the output has gone (ledger demo | head): end as cleanly as on Ctrl-C.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt.abort());

const context: CommandContext = {
  // A command is not a server: only what goes wrong is logged, unless asked for more.
  config: () => loadConfig({ ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'error' }),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
  exitCode: EXIT.ok,
};

try {
  await buildProgram(context).parseAsync();
} catch (error) {
  context.exitCode = failed(error);
}
process.exitCode = context.exitCode;

/** Says what went wrong in words; anything unexpected keeps its stack. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unusable;
  if (interrupt.signal.aborted && error instanceof Error && error.name === 'AbortError') {
    console.error('Stopped. Run the same command again to go on: nothing is charged twice.');
    return EXIT.interrupted;
  }
  if (error instanceof CliError) {
    console.error(error.message);
    return error.exitCode;
  }
  console.error(error instanceof ConfigurationError ? error.message : error);
  return EXIT.unusable;
}
