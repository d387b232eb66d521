import type { BadRequest } from './bad-request.js';
import { BAD_AMOUNTS, BAD_IDS, BAD_KEYS, BAD_TOKENS, RAW_AMOUNTS, TEXT_IDS } from './bad-values.js';
import type { Body, Endpoint } from './endpoint.js';
import type { Question } from './http-client.js';
import { invalid, malformed } from './malformed.js';

const KIB = 1024;
const BODY_BYTES_MAX = 256 * KIB;
const KEY = 'bad-input';

/** Every way to get a command wrong before it is decided, and some that only the decider can see. */
export function badCommands(endpoint: Endpoint): BadRequest[] {
  const wrong = endpoint.method === 'DELETE' ? badQueries(endpoint) : badBodies(endpoint);
  return [...wrong, ...badPaths(endpoint), ...badKeys(endpoint)];
}

const keyOf = ({ keyed = true }: Endpoint): Question => (keyed ? { key: KEY } : {});

const queryOf = (fields: Body): string => new URLSearchParams(fields as Record<string, string>).toString();

function refuse(
  { path, method = 'POST' }: Endpoint,
  name: string,
  question: Question,
  ...fields: readonly string[]
): BadRequest {
  return { ...invalid(path, name, question), method, fields };
}

const required = ({ valid, optional = [] }: Endpoint): readonly string[] =>
  Object.keys(valid).filter((field) => !optional.includes(field));

function badBodies(endpoint: Endpoint): BadRequest[] {
  const { path, method = 'POST', valid, ids = [], amounts = [], tokens = [], own = [] } = endpoint;
  const key = keyOf(endpoint);
  const body = (name: string, sent: unknown, ...fields: readonly string[]): BadRequest =>
    refuse(endpoint, name, { ...key, body: sent }, ...fields);
  const each = (fields: readonly string[], bad: readonly (readonly [string, unknown])[]): BadRequest[] =>
    fields.flatMap((field) =>
      bad.map(([name, value]) => body(`${field}: ${name}`, { ...valid, [field]: value }, field)),
    );
  const raw = amounts.flatMap((field) =>
    RAW_AMOUNTS.map(([name, text]) => {
      const json = JSON.stringify({ ...valid, [field]: 0 });
      return body(`${field}: ${name}`, json.replace(`"${field}":0`, `"${field}":${text}`), field);
    }),
  );
  return [
    ...each(ids, BAD_IDS),
    ...each(amounts, BAD_AMOUNTS),
    ...raw,
    ...each(tokens, BAD_TOKENS),
    ...required(endpoint).map((field) => body(`${field}: missing`, { ...valid, [field]: undefined }, field)),
    ...own.map(([name, change, ...fields]) => body(name, { ...valid, ...change }, ...fields)),
    ...malformed({ path, method, text: JSON.stringify(valid), key, bodyBytesMax: BODY_BYTES_MAX }),
  ];
}

/** Fields in the query: all of them are ids. */
function badQueries(endpoint: Endpoint): BadRequest[] {
  const { path, valid } = endpoint;
  const query = (name: string, text: string, ...fields: readonly string[]): BadRequest => ({
    ...refuse(endpoint, name, keyOf(endpoint), ...fields),
    path: `${path}?${text}`,
  });
  const good = queryOf(valid);
  return [
    ...Object.keys(valid).flatMap((field) => [
      query(`${field}: missing`, good.replace(`${field}=`, 'x='), field, 'x'),
      query(`${field}: given twice`, `${good}&${field}=u-2`, field),
      ...TEXT_IDS.map(([name, id]) => query(`${field}: ${name}`, queryOf({ ...valid, [field]: id }), field)),
    ]),
    query('an unknown parameter', `${good}&role=admin`, 'role'),
    {
      ...refuse(endpoint, 'a body', { ...keyOf(endpoint), body: valid }, 'body'),
      path: `${path}?${good}`,
    },
  ];
}

function badPaths(endpoint: Endpoint): BadRequest[] {
  const { path, pathIds = {}, method, valid } = endpoint;
  const body = method === 'DELETE' ? {} : { body: valid };
  const query = method === 'DELETE' ? `?${queryOf(valid)}` : '';
  const stray: BadRequest[] =
    method === 'DELETE' || endpoint.keyed === false
      ? []
      : [
          {
            ...refuse(endpoint, 'query: a field', { ...keyOf(endpoint), ...body }, 'userId'),
            path: `${path}?userId=u-2`,
          },
        ];
  return [
    ...stray,
    ...Object.entries(pathIds).flatMap(([field, id]) =>
      TEXT_IDS.filter(([name]) => name !== 'empty').map(([name, bad]) => ({
        ...refuse(endpoint, `path ${field}: ${name}`, { ...keyOf(endpoint), ...body }, field),
        path: path.replace(id, encodeURIComponent(bad)) + query,
      })),
    ),
  ];
}

function badKeys(endpoint: Endpoint): BadRequest[] {
  const { path, method, valid, keyed = true } = endpoint;
  if (!keyed) return [];
  const remove = method === 'DELETE';
  return BAD_KEYS.map(([name, bad]) => ({
    ...refuse(endpoint, `key: ${name}`, { ...bad, ...(remove ? {} : { body: valid }) }, 'Idempotency-Key'),
    ...(remove ? { path: `${path}?${queryOf(valid)}` } : {}),
  }));
}
