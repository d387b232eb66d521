// Starts the program that the container is asked for: the engine, a role by itself, or the command line.
//   start.mjs projector
//   start.mjs ledger dlq list
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const APPS = join(import.meta.dirname, '..', 'dist', 'apps');
const COMMAND_LINE = 'ledger';

const mainOf = (program) => join(APPS, program === COMMAND_LINE ? 'cli' : program, 'main.js');

const programs = readdirSync(APPS).filter((app) => app !== 'cli' && existsSync(mainOf(app)));
const [program = '', ...rest] = process.argv.slice(2);
if (program !== COMMAND_LINE && !programs.includes(program)) {
  console.error(
    `There is no program ${JSON.stringify(program)}: give one of ${programs.join(', ')}, or ${COMMAND_LINE} with a command.`,
  );
  process.exit(2);
}
process.argv.splice(1, process.argv.length - 1, mainOf(program), ...rest);
await import(pathToFileURL(mainOf(program)).href);
