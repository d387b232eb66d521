import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsReference } from '#test/support/public-events/document.js';
import { incompatibilities } from './compatibility.js';
import { type EventSchema, schemaOfPublic } from './event-schemas.js';
import type { FieldSchema } from './field.js';
import { PUBLIC_EVENT_TYPES, type PublicEventType } from './public-event.js';

const FOLDER = join(import.meta.dirname, 'golden');
const REFERENCE = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'events.md');

const golden = (type: PublicEventType): EventSchema =>
  JSON.parse(readFileSync(join(FOLDER, `${type}.json`), 'utf8')) as EventSchema;

describe('what consumers were promised', () => {
  test('no type is without its golden schema, and none has gone', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual([...PUBLIC_EVENT_TYPES].sort());
  });

  test.each(PUBLIC_EVENT_TYPES)('%s still keeps it', (type) => {
    expect(incompatibilities(golden(type), schemaOfPublic(type))).toEqual([]);
  });

  test.each(PUBLIC_EVENT_TYPES)('%s promises no more than is written down: npm run docs:events', (type) => {
    expect(golden(type)).toEqual(schemaOfPublic(type));
  });

  test('docs/reference/events.md is made of it: npm run docs:events', () => {
    expect(readFileSync(REFERENCE, 'utf8')).toBe(eventsReference());
  });
});

describe('the judge of compatibility', () => {
  const charged = schemaOfPublic('promptflow.prompt.charged.v1');
  const failed = schemaOfPublic('promptflow.payout.failed.v1');

  /** The schema with the properties changed, at the top or inside a record. */
  const changed = (schema: FieldSchema, change: Readonly<Record<string, unknown>>): FieldSchema => {
    const properties = Object.entries({ ...schema.properties, ...change });
    return {
      ...schema,
      properties: Object.fromEntries(properties.filter(([, field]) => field !== undefined)),
    } as FieldSchema;
  };
  const text = (description = 'x') => ({ type: 'string', description });

  test('lets a field be added, an open set grow, and prose be better', () => {
    const model = { ...text(), description: 'said better' };
    const purpose = {
      ...charged.properties!['purpose']!,
      'x-extensible-enum': ['rehearsal', ...charged.properties!['purpose']!['x-extensible-enum']!],
    };
    expect(incompatibilities(charged, changed(charged, { model, purpose, colour: text() }))).toEqual([]);
  });

  test('lets a record inside grow too', () => {
    const balanceAfter = changed(charged.properties!['balanceAfter']!, { pending: text() });
    expect(incompatibilities(charged, changed(charged, { balanceAfter }))).toEqual([]);
  });

  test.each<[string, (schema: EventSchema) => FieldSchema, string]>([
    ['a field removed', (s) => changed(s, { model: undefined }), '/model is removed'],
    [
      'a field renamed',
      (s) => changed(s, { model: undefined, modelName: s.properties!['model'] }),
      '/model is removed',
    ],
    [
      'text that becomes a number',
      (s) => changed(s, { total: { type: 'integer', description: 'x' } }),
      '/total is retyped: type "string" became "integer"',
    ],
    [
      'digits that become any text',
      (s) => changed(s, { total: text() }),
      '/total is retyped: pattern "^(0|[1-9][0-9]*)$" became absent',
    ],
    [
      'a time that becomes any text',
      (s) => changed(s, { at: text() }),
      '/at is retyped: format "date-time" became absent',
    ],
    [
      'a bound that is tightened',
      (s) => changed(s, { inputTokens: { ...s.properties!['inputTokens'], minimum: 1 } }),
      '/inputTokens is retyped: minimum 0 became 1',
    ],
    [
      'a field that may be missing now',
      (s) => ({ ...s, required: s.required!.filter((name) => name !== 'runId') }),
      '/runId was always there and may now be missing',
    ],
    [
      'a field that old messages do not have',
      (s) => ({ ...changed(s, { colour: text() }), required: [...s.required!, 'colour'] }),
      '/colour is required, and messages written before do not have it: make it optional',
    ],
    [
      'an optional field that is required now',
      (s) => ({ ...s, required: [...s.required!, 'holdId'] }),
      '/holdId is required, and messages written before do not have it: make it optional',
    ],
    [
      'a word of an open set that is dropped',
      (s) => changed(s, { purpose: { ...s.properties!['purpose'], 'x-extensible-enum': ['run'] } }),
      '/purpose no longer knows the word "test"',
    ],
    [
      'an open set that is closed',
      (s) => changed(s, { purpose: { ...text(), enum: ['run', 'test'] } }),
      '/purpose is retyped: enum absent became ["run","test"]',
    ],
    [
      'a field removed from a record inside',
      (s) => changed(s, { balanceAfter: changed(s.properties!['balanceAfter']!, { held: undefined }) }),
      '/balanceAfter/held is removed',
    ],
    [
      'no room for fields to come',
      (s) => ({ ...s, additionalProperties: false }) as FieldSchema,
      '/ is retyped: additionalProperties absent became false',
    ],
    ['another identity', (s) => ({ ...s, $id: 'urn:other' }) as FieldSchema, '/ is retyped: $id'],
  ])('finds %s', (_what, doctor, problem) => {
    const problems = incompatibilities(charged, doctor(charged));
    expect(problems.join('\n')).toContain(problem);
  });

  test.each([
    ['grows', ['requested', 'sent', 'settled', 'lost']],
    ['shrinks', ['requested', 'sent']],
  ])('finds a closed set that %s', (_how, words) => {
    const failedFrom = { ...failed.properties!['failedFrom'], enum: words };
    expect(incompatibilities(failed, changed(failed, { failedFrom }))).toEqual([
      `/failedFrom is retyped: enum ["requested","sent","settled"] became ${JSON.stringify(words)}`,
    ]);
  });
});
