import { schemaOfPublic } from '#libs/contracts/public/event-schemas.js';
import type { FieldSchema } from '#libs/contracts/public/field.js';
import { PUBLIC_EVENT_TYPES, type PublicEventType } from '#libs/contracts/public/public-event.js';
import { PRIVATE_EVENTS } from '#libs/contracts/public/to-public-event.js';
import { examplePublicEvent } from './examples.js';

/** The text of docs/reference/events.md. */
export function eventsReference(): string {
  return [
    '# Public events',
    '',
    'Made of `libs/contracts/public` by `npm run docs:events`. The JSON Schemas (2020-12) of the data are the files of',
    '`libs/contracts/public/golden`. How to read them from Kafka: [Consume events](../how-to/consume-events.md).',
    '',
    'Credits are decimal digits in a string: `"1000000"` is $1.00. Times are ISO 8601 UTC. Within a version (`.v1`) a',
    'field may be added, never removed or retyped: pass over fields that you do not know. Where words are called open,',
    'later releases may bring others: take one that you do not know for "something else".',
    '',
    '## Every event',
    '',
    '| field | meaning |',
    '|---|---|',
    '| `id` | UUID of the event: the same however often it comes |',
    '| `type` | what happened, with its version |',
    '| `stream` | `wallet-<userId>` or `creator-<creatorId>`: events of one stream come in their order |',
    '| `position` | `<log>-<number>`: place in the whole log. Numbers increase, with gaps |',
    '| `time` | when the store recorded it |',
    '| `correlationId` | of the request that caused it, when one is known |',
    '| `data` | below |',
    '',
    ...PUBLIC_EVENT_TYPES.flatMap(eventText),
    '## What is not told',
    '',
    '| event of the ledger | why |',
    '|---|---|',
    ...[...PRIVATE_EVENTS].map(([type, why]) => `| ${type} | ${why} |`),
    '',
  ].join('\n');
}

function eventText(type: PublicEventType): readonly string[] {
  const schema = schemaOfPublic(type);
  return [
    `## ${type}`,
    '',
    schema.description,
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...fieldRows(schema, ''),
    '',
    '```json',
    JSON.stringify(examplePublicEvent(type).data, undefined, 2),
    '```',
    '',
  ];
}

function fieldRows({ properties = {}, required = [] }: FieldSchema, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const optional = required.includes(name) ? '' : ', optional';
    return [
      `| \`${prefix}${name}\` | ${typeText(field)}${optional} | ${field.description} |`,
      ...fieldRows(field, `${prefix}${name}.`),
    ];
  });
}

function typeText({ type, format, pattern, enum: words, 'x-extensible-enum': open }: FieldSchema): string {
  const quoted = (list: readonly string[]) => list.map((word) => `\`${word}\``).join(', ');
  if (words !== undefined) return quoted(words);
  if (open !== undefined) return `${quoted(open)} (open)`;
  if (format !== undefined) return 'time';
  if (pattern !== undefined) return 'digits';
  return type === 'object' ? 'record' : type;
}
