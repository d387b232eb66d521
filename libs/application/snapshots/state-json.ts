import { PersistentMap } from '#libs/kernel/persistent-map.js';

/** What a state may be made of: plain objects, arrays, texts, whole or broken numbers, bigints, maps and sets. */
type Plain = null | boolean | number | string | Plain[] | { [field: string]: Plain };

const BIGINT = '$bigint';
const MAP = '$map';
const SET = '$set';
const DECIMAL = /^-?[0-9]+$/;

/**
 * A state as JSON text, the same text for equal states: fields, map keys and set members are sorted. Fields that are
 * undefined are left out.
 * @throws when the state holds anything else, such as a Date, NaN or a field whose name begins with `$`
 */
export const encodeState = (state: unknown): string => JSON.stringify(toPlain(state, 'state'));

/** @throws when the text is not one that `encodeState` gives */
export const decodeState = (text: string): unknown => fromPlain(JSON.parse(text) as Plain);

function toPlain(value: unknown, where: string): Plain {
  switch (typeof value) {
    case 'bigint':
      return { [BIGINT]: value.toString() };
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`${where} is ${value}: JSON has no such number`);
      return value;
    case 'object':
      return value === null ? null : objectToPlain(value, where);
    default:
      throw new Error(`${where} is ${typeof value}: a snapshot cannot hold it`);
  }
}

function objectToPlain(value: object, where: string): Plain {
  if (Array.isArray(value)) return value.map((item, i) => toPlain(item, `${where}[${i}]`));
  if (value instanceof PersistentMap) {
    return { [MAP]: sorted(value.entries()).map(([key, item]) => [key, toPlain(item, `${where}.${key}`)]) };
  }
  if (value instanceof Set) {
    const members = [...(value as ReadonlySet<unknown>)].map((item) => toPlain(item, `${where} member`));
    return { [SET]: members.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new Error(`${where} is a ${value.constructor.name}: a snapshot cannot hold it`);
  }
  const plain: { [field: string]: Plain } = {};
  for (const [field, item] of sorted(Object.entries(value))) {
    if (field.startsWith('$'))
      throw new Error(`${where} has a field ${field}: names with $ are the codec's own`);
    if (item !== undefined) plain[field] = toPlain(item, `${where}.${field}`);
  }
  return plain;
}

const sorted = <V>(entries: readonly (readonly [string, V])[]): readonly (readonly [string, V])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

function fromPlain(plain: Plain): unknown {
  if (plain === null || typeof plain !== 'object') return plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  const fields = Object.entries(plain);
  const [first] = fields;
  if (first === undefined || !first[0].startsWith('$')) {
    return Object.fromEntries(fields.map(([field, item]) => [field, fromPlain(item)]));
  }
  return fields.length === 1 ? tagged(first[0], first[1]) : notAState(first[0]);
}

function tagged(tag: string, content: Plain): unknown {
  if (tag === BIGINT && typeof content === 'string' && DECIMAL.test(content)) return BigInt(content);
  if (tag === SET && Array.isArray(content)) return new Set(content.map(fromPlain));
  if (tag === MAP && Array.isArray(content)) return PersistentMap.of(content.map(entryOf));
  return notAState(tag);
}

function entryOf(plain: Plain): readonly [string, unknown] {
  if (!Array.isArray(plain) || plain.length !== 2 || typeof plain[0] !== 'string') return notAState(MAP);
  return [plain[0], fromPlain(plain[1]!)];
}

function notAState(tag: string): never {
  throw new Error(`Not the text of a state: ${tag} with other contents than it can have`);
}
