/** What a server answered; `json` is whatever the body held, `undefined` when it was no JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** JSON to look into: tests say what they expect, so a missing field is `undefined`, not a type error. */
export interface Json {
  readonly [field: string]: Json & string & number & boolean & readonly Json[];
}

export interface Question {
  /** Sent as it is when text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpClient {
  readonly url: string;
  get(path: string): Promise<Answer>;
  post(path: string, question?: Question): Promise<Answer>;
  send(method: string, path: string, question?: Question): Promise<Answer>;
}

export function httpClient(url: string): HttpClient {
  const send = async (method: string, path: string, { body, key, headers = {} }: Question = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: rawBody(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };
  return {
    url,
    send,
    get: (path) => send('GET', path),
    post: (path, question) => send('POST', path, question),
  };
}

const rawBody = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
