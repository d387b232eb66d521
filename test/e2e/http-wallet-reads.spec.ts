import { beforeAll, expect, test } from '@jest/globals';
import type { HttpClient, Json } from './http-client.js';
import { openWallet, POSITION, run, TIME } from './scene.js';
import { done, refused, useLedger } from './support.js';

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

/** The answer, showing at least what the command with this answer did. */
async function read(path: string, after: { readonly json: Json }): Promise<Json> {
  const joint = path.includes('?') ? '&' : '?';
  const { status, json } = await http.get(`${path}${joint}minPosition=${String(after.json['position'])}`);
  expect([path, status]).toEqual([path, 200]);
  return json;
}

const buy = (userId: string, reference: string, amount = '1000000') =>
  done(http, '/api/credits/add', { userId, amount, kind: 'purchased', reference });

const hold = (userId: string, holdId: string, amount: string, more: object = {}) =>
  done(http, '/api/credits/holds', {
    userId,
    holdId,
    runId: `run-${holdId}`,
    model: 'gpt-3.5-turbo',
    purpose: 'run',
    amount,
    ...more,
  });

test('entitlements say of every limit what is allowed, used and left, and when it resets', async () => {
  const userId = await openWallet(http, 'entitled', 'FREE');
  await done(http, '/api/prompts', { userId, promptId: 'p-1', visibility: 'private', sizeBytes: 1_200 });
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-1', { model: 'deepseek', purpose: 'test' }));
  const last = await hold(userId, 'h-1', '2000', { purpose: 'test' });
  const { monthlyCredits, ...rest } = await read(`/api/entitlements?userId=${userId}`, last);
  const nextMonth = expect.stringMatching(/-01T00:00:00.000Z$/);
  expect(rest).toEqual({
    userId,
    plan: 'FREE',
    status: 'open',
    coverage: 'free',
    planTable: { id: 'standard', version: 1 },
    privatePrompts: { allowed: { kind: 'limited', max: 3 }, used: 1, remaining: 2 },
    testRuns: { allowed: { kind: 'limited', max: 100 }, used: 2, remaining: 98, resetsAt: nextMonth },
    storageBytes: { allowed: { kind: 'limited', max: 1e9 }, used: 1_200, remaining: 1e9 - 1_200 },
    models: ['deepseek', 'gpt-3.5-turbo'],
    privateModels: false,
    byok: false,
    asOf: { position: POSITION, time: TIME },
  });
  const { available } = last.json['balanceAfter'] as unknown as Json;
  expect(monthlyCredits).toEqual({
    allowed: { kind: 'granted', credits: '100000' },
    used: (100_000n - BigInt(String(available))).toString(),
    remaining: available,
    resetsAt: nextMonth,
  });
});

test('an unlimited plan says so by kind, and a scheduled downgrade is shown', async () => {
  const userId = await openWallet(http, 'elite', 'ELITE');
  const change = await done(http, '/api/plans/change', { userId, plan: 'FREE' });
  const entitlements = await read(`/api/entitlements?userId=${userId}`, change);
  expect(entitlements).toMatchObject({
    plan: 'ELITE',
    coverage: 'granted',
    scheduled: { plan: 'FREE', effectiveAt: expect.stringMatching(/-01T00:00:00.000Z$/) },
    privatePrompts: { allowed: { kind: 'unlimited' }, used: 0 },
    monthlyCredits: { allowed: { kind: 'unlimited' }, used: '0' },
    byok: true,
  });
  expect(entitlements['privatePrompts']).not.toHaveProperty('remaining');
});

test('open holds are listed with what they reserve, and the balance tells held from available', async () => {
  const userId = await openWallet(http, 'holds');
  await buy(userId, `pay-${userId}`);
  await hold(userId, 'h-1', '5000');
  const second = await hold(userId, 'h-2', '15000000');
  const { items } = await read(`/api/credits/holds?userId=${userId}`, second);
  const monthly = expect.stringMatching(/^monthly-/);
  expect(items).toEqual([
    {
      holdId: 'h-2',
      runId: 'run-h-2',
      model: 'gpt-3.5-turbo',
      purpose: 'run',
      byok: false,
      creatorFee: '0',
      amount: '15000000',
      allowance: '0',
      // In burn order, and after what the first hold has reserved.
      reserved: [
        { lotId: monthly, kind: 'monthly', amount: '14995000' },
        { lotId: expect.stringMatching(/^lot-/), kind: 'purchased', amount: '5000' },
      ],
      policy: 'three-part-v1',
      rateCard: { id: 'standard', version: 1 },
      heldAt: TIME,
      expiresAt: TIME,
    },
    expect.objectContaining({ holdId: 'h-1', amount: '5000' }),
  ]);
  const balance = await read(`/api/credits/balance?userId=${userId}`, second);
  expect(balance).toMatchObject({ available: '995000', held: '15005000', monthly: '15000000' });
  expect((balance['lots'] as unknown as Json[]).map(({ reserved }) => reserved)).toEqual([
    '15000000',
    '5000',
  ]);

  // A hold is no charge: it is not in the statement, and what was there stays as it was.
  const transactions = await read(`/api/credits/transactions?userId=${userId}`, second);
  expect(
    (transactions['items'] as unknown as Json[]).map(({ type, balanceAfter }) => [type, balanceAfter]),
  ).toEqual([
    ['purchase', '16000000'],
    ['monthly_grant', '15000000'],
  ]);
  const released = await done(http, '/api/credits/holds/h-2/release', { userId });
  expect((await read(`/api/credits/holds?userId=${userId}`, released))['items']).toHaveLength(1);
});

test('each lot says what became of it, and its movements add up to what is left', async () => {
  const userId = await openWallet(http, 'lots', 'FREE');
  await buy(userId, `pay-${userId}`);
  for (const runId of ['r-1', 'r-2']) {
    await done(
      http,
      '/api/credits/charge-prompt',
      run(userId, runId, { model: 'gpt-3.5-turbo', inputTokens: 200_000, outputTokens: 0 }),
    );
  }
  const last = await done(http, '/api/credits/refunds', {
    userId,
    runId: 'r-2',
    refundId: 'refund-1',
    amount: '40000',
    reason: 'quality',
  });
  const { items, nextCursor } = await read(`/api/credits/lots?userId=${userId}&limit=1`, last);
  const [bought] = items as unknown as Json[];
  expect(bought).toMatchObject({
    kind: 'purchased',
    original: '1000000',
    refunded: '40000',
    expired: '0',
    revoked: '0',
    reserved: '0',
    paymentId: `pay-${userId}`,
  });
  const older = await http.get(`/api/credits/lots?userId=${userId}&limit=1&cursor=${String(nextCursor)}`);
  expect(older.json).toMatchObject({ items: [{ kind: 'monthly', original: '100000' }], nextCursor: null });

  const movements: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await read(
      `/api/credits/lots/${String(bought!['id'])}?userId=${userId}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      last,
    );
    expect(page['lot']).toEqual(bought);
    movements.push(...(page['items'] as unknown as Json[]));
    cursor = page['nextCursor'] as unknown as string | null;
  }
  expect(movements.map(({ type, reference }) => [type, reference])).toEqual([
    ['purchase', `pay-${userId}`],
    ['prompt_charge', 'r-1'],
    ['prompt_charge', 'r-2'],
    ['prompt_refund', 'r-2'],
  ]);
  expect(movements.every(({ position }) => /^[0-9a-f]{8}-\d+$/.test(String(position)))).toBe(true);
  const sum = movements.reduce((total, { amount }) => total + BigInt(String(amount)), 0n);
  expect(sum.toString()).toBe(bought!['remaining']);
});

test('a lot of nobody, a cursor of another list and a user without wallet are refused by name', async () => {
  const userId = await openWallet(http, 'odd');
  const bought = await buy(userId, `pay-${userId}`);
  const seen = `minPosition=${String(bought.json['position'])}`;
  const unknown = await http.get(`/api/credits/lots/no-such-lot?userId=${userId}&${seen}`);
  expect([unknown.status, unknown.json['errors']]).toEqual([
    400,
    [{ field: 'id', message: expect.stringContaining('names no lot') }],
  ]);
  const lots = await http.get(`/api/credits/lots?userId=${userId}&limit=1`);
  const cursor = String(lots.json['nextCursor']);
  for (const path of ['/api/credits/transactions', '/api/credits/lots/x', '/api/credits/lots']) {
    const other = path === '/api/credits/lots' ? 'nobody' : userId;
    const { status, json } = await http.get(`${path}?userId=${other}&cursor=${cursor}`);
    expect([status, json['code']]).toEqual([400, 'request.invalid']);
  }
  for (const path of ['entitlements', 'credits/holds', 'credits/lots', 'credits/lots/x']) {
    const { status, json } = await http.get(`/api/${path}?userId=no-such-user`);
    expect([path, status, json['code']]).toEqual([path, 404, 'wallet.not_found']);
  }
  await refused(
    http,
    '/api/credits/add',
    { userId: 'no-such-user', amount: '1', kind: 'promo', reason: 'bonus' },
    [404, 'wallet.not_found'],
  );
});
