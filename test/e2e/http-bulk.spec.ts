import { beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpClient, Json } from './http-client.js';
import { openWallet, run, userOf } from './scene.js';
import { done, useLedger } from './support.js';

const BULK = '/api/credits/charge-prompts';

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a bulk judges each item on its own', async () => {
  const userId = await openWallet(http, 'bulk');
  const poor = await openWallet(http, 'bulk-poor', 'FREE');
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-0'));
  const single = await http.post('/api/credits/charge-prompt', {
    key: 'run:r-1',
    body: run(userId, 'r-1'),
  });
  const items = [
    run(userId, 'r-1'),
    run(userId, 'r-2', { idempotencyKey: 'own key' }),
    run(userId, 'r-0'),
    run(userOf('nobody'), 'r-1'),
    run(poor, 'r-1', { model: 'gpt-3.5-turbo', inputTokens: 1_000_000 }),
    run(userId, 'r-3', { outputTokens: '5', role: 'admin' }),
    run(userId, 'r-4', { model: 'gpt-99' }),
    'no object',
    run(userId, 'r-2', { idempotencyKey: 'own key', outputTokens: 1 }),
  ];
  const bulk = await http.post(BULK, { body: { items } });
  expect(bulk.status).toBe(200);
  const answers = bulk.json['items'] as unknown as Json[];
  expect(answers.map(({ index, status, code }) => [index, status, code])).toEqual([
    [0, 200, undefined],
    [1, 200, undefined],
    [2, 409, 'run.already_charged'],
    [3, 404, 'wallet.not_found'],
    [4, 402, 'wallet.insufficient_credits'],
    [5, 400, 'request.invalid'],
    [6, 422, 'model.unpriced'],
    [7, 400, 'request.invalid'],
    [8, 422, 'request.id_reused'],
  ]);
  expect(answers[0]).toEqual({ index: 0, status: 200, ...single.json, replayed: true });
  expect(answers[1]).toMatchObject({ replayed: false, runId: 'r-2', cost: { total: '66000' } });
  expect(answers[4]).toMatchObject({ needed: '501250', available: '100000' });
  expect(answers[5]?.['errors']).toEqual([
    { field: 'role', message: expect.any(String) },
    { field: 'outputTokens', message: expect.any(String) },
  ]);
});

test('a bulk of 2,000 charges answers each, in order, and one wallet in the order given', async () => {
  const users = [await openWallet(http, 'many-a'), await openWallet(http, 'many-b')];
  const items = Array.from({ length: 2_000 }, (_, i) => ({
    ...run(users[i % 2]!, `r-${i}`),
    inputTokens: 1,
    outputTokens: 0,
  }));
  const { json } = await http.post(BULK, { body: { items } });
  const answers = json['items'] as unknown as Json[];
  expect(answers.map(({ index }) => Number(index))).toEqual(items.map((_, i) => i));
  expect(answers.every(({ status }) => Number(status) === 200)).toBe(true);
  // 30 credits of inference and 6 of markup each.
  expect(answers.at(-1)?.['balanceAfter']?.['available']).toBe(String(15_000_000 - 1_000 * 36));
});

describe('a bulk that is atomic per wallet', () => {
  const charge = async (items: readonly unknown[]): Promise<readonly Json[]> => {
    const { status, json } = await http.post(BULK, { body: { items, atomicPerWallet: true } });
    expect(status).toBe(200);
    return json['items'] as unknown as Json[];
  };
  const codes = (answers: readonly Json[]) =>
    answers.map(({ index, status, code, refusedIndex }) => [index, status, code, refusedIndex]);
  const available = async (userId: string): Promise<string> => {
    const { json } = await done(http, '/api/credits/add', {
      userId,
      amount: 1,
      kind: 'promo',
      reason: 'other',
    });
    return String(Number(json['balanceAfter']?.['available']) - 1);
  };

  test('charges the wallets whose every item is accepted, and nothing of the others', async () => {
    const [good, bad, unread] = await Promise.all(
      ['good', 'bad', 'unread'].map((name) => openWallet(http, name)),
    );
    const answers = await charge([
      run(good!, 'r-1'),
      run(bad!, 'r-1'),
      run(bad!, 'r-2', { model: 'gpt-99' }),
      run(good!, 'r-2'),
      run(bad!, 'r-3'),
      run(unread!, 'r-1'),
      run(unread!, 'r-2', { outputTokens: -1 }),
      { runId: 'of nobody' },
      run(userOf('nobody'), 'r-1'),
    ]);
    expect(codes(answers)).toEqual([
      [0, 200, undefined, undefined],
      [1, 409, 'bulk.not_applied', 2],
      [2, 422, 'model.unpriced', undefined],
      [3, 200, undefined, undefined],
      [4, 409, 'bulk.not_applied', 2],
      [5, 409, 'bulk.not_applied', 6],
      [6, 400, 'request.invalid', undefined],
      [7, 400, 'request.invalid', undefined],
      [8, 404, 'wallet.not_found', undefined],
    ]);
    expect(answers[3]).toMatchObject({ runId: 'r-2', balanceAfter: { available: '14868000' } });
    expect(answers[1]?.['detail']).toContain('item 2 ');
    expect([await available(bad!), await available(unread!)]).toEqual(['15000000', '15000000']);
  });

  test('sent again with the item mended, it charges what it had not', async () => {
    const userId = await openWallet(http, 'mended');
    const dear = run(userId, 'r-2', { inputTokens: 600_000 });
    expect(codes(await charge([run(userId, 'r-1'), dear]))).toEqual([
      [0, 409, 'bulk.not_applied', 1],
      [1, 402, 'wallet.insufficient_credits', undefined],
    ]);
    const first = await charge([run(userId, 'r-1'), run(userId, 'r-2')]);
    const again = await charge([run(userId, 'r-1'), run(userId, 'r-2')]);
    expect(again).toEqual(first.map((answer) => ({ ...answer, replayed: true })));
    expect(await available(userId)).toBe(String(15_000_000 - 2 * 66_000));
  });

  test('a wallet may have 200 charges in it, not one more', async () => {
    const [full, over] = await Promise.all(['full', 'over'].map((name) => openWallet(http, name)));
    const cheap = (userId: string, count: number) =>
      Array.from({ length: count }, (_, i) => run(userId, `r-${i}`, { inputTokens: 1, outputTokens: 0 }));
    const answers = await charge([...cheap(full!, 200), ...cheap(over!, 201)]);
    expect(new Set(answers.slice(0, 200).map(({ status }) => Number(status)))).toEqual(new Set([200]));
    expect(new Set(answers.slice(200).map(({ code }) => String(code)))).toEqual(
      new Set(['request.too_large']),
    );
    expect([await available(full!), await available(over!)]).toEqual([
      String(15_000_000 - 200 * 36),
      '15000000',
    ]);
  });
});
