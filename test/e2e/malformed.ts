import type { BadRequest } from './bad-request.js';
import type { Question } from './http-client.js';

export interface MalformedOptions {
  readonly path: string;
  readonly method?: BadRequest['method'];
  /** A body it would take. */
  readonly text: string;
  readonly key: Question;
  readonly bodyBytesMax: number;
}

/** Bodies that are malformed whatever the endpoint. */
export function malformed({
  path,
  method = 'POST',
  text,
  key,
  bodyBytesMax,
}: MalformedOptions): BadRequest[] {
  const first = /"(\w+)"/.exec(text)?.[1];
  const body: readonly (readonly [string, string | Uint8Array])[] = [
    ['no body', ''],
    ['white space', '  '],
    ['not JSON', text.slice(0, -1)],
    ['an array', `[${text}]`],
    ['text', '"hello"'],
    ['null', 'null'],
    ['depth 200,000', '['.repeat(200_000)],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['two bodies', text + text],
    ...(first === undefined
      ? []
      : [
          ['NaN', text.replace(/:[^,}]+/, ':NaN')] as const,
          ['a name twice', text.replace('{', `{"${first}":1,`)] as const,
        ]),
  ];
  const typed = (type: string) => ({ ...key, body: text, headers: { 'content-type': type } });
  const all: BadRequest[] = [
    ...body.map(([name, raw]): BadRequest => ({
      ...invalid(path, `body: ${name}`, { ...key, body: raw }),
      fields: ['body'],
    })),
    {
      ...invalid(path, 'body: __proto__', {
        ...key,
        body: text.replace('{', '{"__proto__":{"amount":1},').replace(',}', '}'),
      }),
      fields: ['__proto__'],
    },
    {
      ...invalid(path, 'too large', { ...key, body: `{"a":"${'x'.repeat(bodyBytesMax)}"}` }),
      status: 413,
      code: 'request.too_large',
    },
    ...[
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
    ].map((type): BadRequest => ({
      ...invalid(path, `content type ${type}`, typed(type)),
      status: 415,
      code: 'request.media_type',
    })),
    {
      ...invalid(path, 'gzip', { ...key, body: text, headers: { 'content-encoding': 'gzip' } }),
      status: 415,
      code: 'request.media_type',
    },
    { ...invalid(path, 'wrong method'), status: 404, code: 'route.not_found' },
    {
      ...invalid(`${path}/`, 'trailing slash', { ...key, body: text }),
      status: 404,
      code: 'route.not_found',
    },
    {
      ...invalid(path.toUpperCase(), 'upper case', { ...key, body: text }),
      status: 404,
      code: 'route.not_found',
    },
  ];
  const wrong = method === 'PUT' ? 'PATCH' : 'PUT';
  return all.map((each) => ({ ...each, method: each.name === 'wrong method' ? wrong : method }));
}

export const invalid = (path: string, name: string, question: Question = {}): BadRequest => ({
  name,
  path,
  method: 'POST',
  question,
  status: 400,
  code: 'request.invalid',
});
