import type { BadRequest } from './bad-request.js';
import type { Question } from './http-client.js';

/** Bodies that are malformed whatever the endpoint; `text` is one it would take. */
export function malformed(path: string, text: string, key: Question, bodyBytesMax: number): BadRequest[] {
  const first = /"(\w+)"/.exec(text)![1]!;
  const body: readonly (readonly [string, string | Uint8Array])[] = [
    ['no body', ''],
    ['white space', '  '],
    ['not JSON', text.slice(0, -1)],
    ['NaN', text.replace(/:[^,}]+/, ':NaN')],
    ['an array', `[${text}]`],
    ['text', '"hello"'],
    ['null', 'null'],
    ['a name twice', text.replace('{', `{"${first}":1,`)],
    ['depth 200,000', '['.repeat(200_000)],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['two bodies', text + text],
  ];
  const typed = (type: string) => ({ ...key, body: text, headers: { 'content-type': type } });
  return [
    ...body.map(([name, raw]): BadRequest => ({
      ...invalid(path, `body: ${name}`, { ...key, body: raw }),
      fields: ['body'],
    })),
    {
      ...invalid(path, 'body: __proto__', { ...key, body: text.replace('{', '{"__proto__":{"amount":1},') }),
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
    { ...invalid(path, 'wrong method'), method: 'PUT', status: 404, code: 'route.not_found' },
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
}

export const invalid = (path: string, name: string, question: Question = {}): BadRequest => ({
  name,
  path,
  method: 'POST',
  question,
  status: 400,
  code: 'request.invalid',
});
