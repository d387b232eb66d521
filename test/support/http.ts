import { randomUUID } from 'node:crypto';

export interface HttpReply {
  readonly status: number;
  // Replies are checked field by field by the tests.
  readonly body: Record<string, unknown>;
}

/** Sends JSON; commands get a fresh idempotency key unless one is given. */
export async function post(
  url: string,
  path: string,
  body: unknown,
  key: string = randomUUID(),
): Promise<HttpReply> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function get(url: string, path: string): Promise<HttpReply> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
