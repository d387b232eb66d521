import type { FieldSchema } from './field.js';

type Keywords = Readonly<Record<string, unknown>>;

/** Said for people; may be said better at any time. */
const PROSE = ['description'];
/** Compared by rules of their own. */
const RULED = ['properties', 'required', 'x-extensible-enum'];

/**
 * What in `now` would break a consumer written for `before`, or could not read messages written under it; one sentence
 * each, none when the two are compatible. A field may be added if it is optional, an open set of words may grow, and
 * whatever is prose may change: nothing else.
 */
export function incompatibilities(before: FieldSchema, now: FieldSchema, path = ''): readonly string[] {
  return [
    ...changedKeywords(before, now, path),
    ...lostWords(before, now, path),
    ...changedDuties(before, now, path),
    ...Object.entries(before.properties ?? {}).flatMap(([name, field]) => {
      const there = now.properties?.[name];
      const at = `${path}/${name}`;
      return there === undefined ? [`${at} is removed`] : incompatibilities(field, there, at);
    }),
  ];
}

function changedKeywords(before: FieldSchema, now: FieldSchema, path: string): readonly string[] {
  const [was, is] = [before, now] as unknown as readonly [Keywords, Keywords];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((keyword) => !PROSE.includes(keyword) && !RULED.includes(keyword))
    .filter((keyword) => JSON.stringify(was[keyword]) !== JSON.stringify(is[keyword]))
    .map(
      (keyword) => `${path || '/'} is retyped: ${keyword} ${said(was[keyword])} became ${said(is[keyword])}`,
    );
}

function lostWords(before: FieldSchema, now: FieldSchema, path: string): readonly string[] {
  const words = before['x-extensible-enum'];
  const there = now['x-extensible-enum'];
  if ((words === undefined) !== (there === undefined))
    return [`${path} is retyped: its words are open or they are not`];
  return (words ?? [])
    .filter((word) => !there!.includes(word))
    .map((word) => `${path} no longer knows the word "${word}"`);
}

/** Messages stay in their topics: what is required now must have been written then. */
function changedDuties(before: FieldSchema, now: FieldSchema, path: string): readonly string[] {
  const was = before.required ?? [];
  const is = now.required ?? [];
  return [
    ...was
      .filter((name) => !is.includes(name) && now.properties?.[name] !== undefined)
      .map((name) => `${path}/${name} was always there and may now be missing`),
    ...is
      .filter((name) => !was.includes(name))
      .map(
        (name) => `${path}/${name} is required, and messages written before do not have it: make it optional`,
      ),
  ];
}

const said = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
