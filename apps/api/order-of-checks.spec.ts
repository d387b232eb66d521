import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Question } from '#test/e2e/http-client.js';
import { type MemoryApi, openMemoryApi } from '#test/e2e/memory-api.js';

const CHARGES = '/api/credits/charge-prompt';
const BODY_BYTES_MAX = 256 * 1024;

/** One run on FREE; every row below breaks it in all the ways of the rows under it as well. */
const run = (more: object = {}) => ({
  userId: 'u-1',
  runId: 'run-1',
  model: 'deepseek',
  inputTokens: 100,
  outputTokens: 100,
  ...more,
});
const nobody = { userId: 'nobody', model: 'gpt-99' };
const malformed = { inputTokens: '100', ...nobody };

let api: MemoryApi;
beforeAll(async () => {
  api = await openMemoryApi();
  await api.http.post('/api/wallets', { key: 'open', body: { userId: 'u-1' } });
  await api.http.post(CHARGES, { key: 'used', body: run() });
});
afterAll(() => api.close());

const rows: readonly (readonly [rule: string, question: Question, status: number, code: string])[] = [
  [
    'size',
    { body: JSON.stringify({ ...run(malformed), runId: 'x'.repeat(BODY_BYTES_MAX) }) },
    413,
    'request.too_large',
  ],
  [
    'media type',
    { body: JSON.stringify(run(malformed)), headers: { 'content-type': 'text/plain' } },
    415,
    'request.media_type',
  ],
  ['shape, a missing key among it', { body: run(malformed) }, 400, 'request.invalid'],
  ['shape before a used key', { key: 'used', body: run(malformed) }, 400, 'request.invalid'],
  [
    'a used key with another body, before what is wrong with the run',
    { key: 'used', body: run({ model: 'gpt-99' }) },
    422,
    'request.id_reused',
  ],
  [
    'wallet.not_found before what is wrong with the run',
    { key: 'k', body: run(nobody) },
    404,
    'wallet.not_found',
  ],
  [
    'the run itself: its id before its model',
    { key: 'k', body: run({ model: 'gpt-99' }) },
    409,
    'run.already_charged',
  ],
  [
    'model.unpriced',
    { key: 'k', body: run({ runId: 'run-2', model: 'gpt-99', byok: true }) },
    422,
    'model.unpriced',
  ],
];

describe('the order of checks: size / media type, shape, key, wallet, then the run', () => {
  test.each(rows)('%s', async (_rule, question, status, code) => {
    const answer = await api.http.post(CHARGES, question);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });

  test('a replay is answered before the wallet is looked at: frozen since, it is still the first result', async () => {
    await api.http.post('/api/wallets/u-1/freeze', { key: 'freeze', body: { reason: 'review' } });
    const again = await api.http.post(CHARGES, { key: 'used', body: run() });
    expect([again.status, again.json['replayed'], again.json['runId']]).toEqual([200, true, 'run-1']);
    const other = await api.http.post(CHARGES, { key: 'k', body: run() });
    expect([other.status, other.json['code']]).toEqual([409, 'wallet.frozen']);
  });

  test('shape reports everything together, the key too', async () => {
    const { json } = await api.http.post(CHARGES, { body: run({ ...malformed, role: 'admin' }) });
    expect(
      (json['errors'] as unknown as readonly { field: string }[]).map(({ field }) => field).sort(),
    ).toEqual(['Idempotency-Key', 'inputTokens', 'role']);
  });

  test('none of it was a fault of ours', () => expect(api.faults).toEqual([]));
});
