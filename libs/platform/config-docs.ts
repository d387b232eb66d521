import type { Variable } from './config-parsers.js';
import { VARIABLES } from './config-variables.js';

const NOTE = 'Generated from `libs/platform/config-*.ts` by `npm run docs:config`; do not edit by hand.';
const COMMENT_WIDTH = 100;

const all = (): [string, Variable<unknown>][] => Object.entries<Variable<unknown>>(VARIABLES);

/** The text of `docs/reference/configuration.md`. */
export function configurationReference(): string {
  const sections = all().map(([name, variable]) =>
    [
      `## \`${name}\``,
      '',
      variable.description,
      '',
      `- Type: ${variable.type}`,
      `- Default: ${variable.default === undefined ? 'none' : `\`${variable.default}\``}`,
      `- Example: \`${name}=${variable.example}\``,
      ...(variable.secret
        ? [`- Secret: may be given as \`${name}_FILE\`, the path of a file that holds the value`]
        : []),
    ].join('\n'),
  );
  return `${[
    '# Configuration',
    NOTE,
    'The program is configured by environment variables, all of them optional; `npm start`, `npm run demo` and `ledger` also read a file `.env` in the folder they are started from (a variable that is already set wins). They are checked together at start: the process ends with one message that names each variable that cannot be used, what was expected, and an example. An empty variable counts as absent.',
    ...sections,
  ].join('\n\n')}\n`;
}

/** The text of `.env.example`: every variable, commented out. */
export function envExample(): string {
  const sections = all().map(([name, variable]) =>
    [
      ...wrap(`${variable.description} Default: ${variable.default ?? 'none'}.`),
      `#${name}=${variable.example}`,
    ].join('\n'),
  );
  return `${[wrap(`Copy to .env and take the # away from what you need. ${NOTE}`).join('\n'), ...sections].join('\n\n')}\n`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= COMMENT_WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
