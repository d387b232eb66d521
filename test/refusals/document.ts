import { type ProblemCode, PROBLEMS } from '#apps/api/problem/codes.js';
import { REFUSAL_TABLE, type RefusedCommand } from './table.js';

const statusOf = (code: ProblemCode): number => PROBLEMS[code].status;

/** The text of docs/reference/refusals.md. */
export function refusalsReference(): string {
  return [
    '# Refusals',
    '',
    'Made of the table in `test/refusals` by `npm run docs:refusals`; the table is run as a test.',
    '',
    'A refusal is a problem document (RFC 9457) with a stable `code`. Nothing was written, and it is not remembered: the',
    'same key may be sent again and is judged afresh. What is checked first is answered first.',
    '',
    '## Before any command',
    '',
    'In this order: authentication (`auth.missing`, `auth.forbidden`), rate (`rate.limited`), size, media type and shape',
    '(`request.too_large`, `request.media_type`, `request.invalid` with every wrong field), then the key: a repeat answers',
    'the first result with `replayed: true`, the same key with another body is `request.id_reused`.',
    '',
    ...REFUSAL_TABLE.flatMap(commandText),
    '## All codes',
    '',
    '| code | status | meaning |',
    '|---|---|---|',
    ...(Object.keys(PROBLEMS) as ProblemCode[])
      .sort()
      .map((code) => `| \`${code}\` | ${statusOf(code)} | ${PROBLEMS[code].title} |`),
    '',
  ].join('\n');
}

function commandText({ command, route, rows }: RefusedCommand): readonly string[] {
  return [
    `## ${command}`,
    '',
    `\`${route}\``,
    '',
    '| | code | status | when |',
    '|---|---|---|---|',
    ...rows.map(({ code, when }, i) => `| ${i + 1} | \`${code}\` | ${statusOf(code)} | ${when} |`),
    '',
  ];
}
