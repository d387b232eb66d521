import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpClient } from './http-client.js';
import { BALANCE, COST, hold, IDS, openWallet, POSITION, run, TIME } from './scene.js';
import { done, refused, useLedger } from './support.js';

const HOLDS = '/api/credits/holds';
const CHARGE = '/api/credits/charge-prompt';
const FEE = { creatorId: 'c-1', creatorFee: '1000' };

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a hold reserves its estimate, and the settle draws what the run cost', async () => {
  const userId = await openWallet(http, 'hold');
  const held = await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000', ...FEE }));
  expect(held.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14920000', held: '80000', monthly: '15000000' },
    holdId: 'h-1',
    runId: 'r-1',
    model: 'gpt-4',
    purpose: 'run',
    amount: '80000',
    reserved: '80000',
    allowance: '0',
    creatorFee: '1000',
    policy: 'three-part-v1',
    rateCard: { id: 'standard', version: 1 },
    expiresAt: TIME,
  });
  const lifeMs = Date.parse(String(held.json['expiresAt'])) - Date.now();
  expect([lifeMs > 870_000, lifeMs <= 900_000]).toEqual([true, true]);
  const settle = run(userId, 'r-1', { holdId: 'h-1', ...FEE });
  const settled = await done(http, CHARGE, settle);
  expect(settled.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14939000', monthly: '14939000' },
    runId: 'r-1',
    holdId: 'h-1',
    uncollected: '0',
    cost: COST,
  });
  await refused(http, CHARGE, settle, [409, 'hold.closed']);
  await refused(http, HOLDS, hold(userId, 'h-1', 'r-2', { amount: '1' }), [409, 'hold.id_used']);
});

test('an estimate in tokens is priced, in either form', async () => {
  const userId = await openWallet(http, 'estimate');
  const counted = await done(
    http,
    HOLDS,
    hold(userId, 'h-1', 'r-1', { inputTokens: 1_000, outputTokens: 500 }),
  );
  expect(counted.json).toMatchObject({ amount: '66000', reserved: '66000' });
  const usage = { prompt_tokens: 1_000, completion_tokens: 500, total_tokens: 1_500 };
  const received = await done(http, HOLDS, hold(userId, 'h-2', 'r-2', { usage }));
  expect(received.json).toMatchObject({ amount: '66000', balanceAfter: { held: '132000' } });
});

test('a release gives back what was reserved, once', async () => {
  const userId = await openWallet(http, 'release');
  await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000' }));
  const released = await done(http, `${HOLDS}/h-1/release`, { userId });
  expect(released.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '15000000', monthly: '15000000' },
    holdId: 'h-1',
    runId: 'r-1',
    released: '80000',
  });
  await refused(http, `${HOLDS}/h-1/release`, { userId }, [409, 'hold.closed']);
  await refused(http, `${HOLDS}/h-2/release`, { userId }, [404, 'hold.not_found']);
  await refused(http, CHARGE, run(userId, 'r-1', { holdId: 'h-1' }), [409, 'hold.closed']);
});

test('the same key releases the hold of its path alone', async () => {
  const userId = await openWallet(http, 'paths');
  for (const id of ['h-1', 'h-2']) await done(http, HOLDS, hold(userId, id, id, { amount: '5' }));
  const release = (id: string) => http.post(`${HOLDS}/${id}/release`, { key: 'the key', body: { userId } });
  expect((await release('h-1')).json).toMatchObject({ holdId: 'h-1', replayed: false });
  expect((await release('h-1')).json).toMatchObject({ holdId: 'h-1', replayed: true });
  expect(await release('h-2')).toMatchObject({ status: 422, json: { code: 'request.id_reused' } });
});

test('under an unlimited plan the allowance is set aside, and lots for the creator fee', async () => {
  const userId = await openWallet(http, 'elite', 'ELITE');
  const covered = await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000' }));
  expect(covered.json).toMatchObject({ amount: '80000', reserved: '0', allowance: '80000' });
  const fee = hold(userId, 'h-2', 'r-2', { amount: '80000', ...FEE });
  expect(await refused(http, HOLDS, fee, [402, 'wallet.insufficient_credits'])).toMatchObject({
    needed: '1000',
    available: '0',
  });
  await done(http, '/api/credits/add', { userId, amount: '1500', kind: 'promo', reason: 'other' });
  const paid = await done(http, HOLDS, fee);
  expect(paid.json).toMatchObject({ reserved: '1000', allowance: '79000' });
});

test('a hold ends by itself, and its run can still be settled', async () => {
  const userId = await openWallet(http, 'timeout');
  await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000', ttlSeconds: 1 }));
  await sleep(1_100);
  const next = await done(http, HOLDS, hold(userId, 'h-2', 'r-2', { amount: '5' }));
  // The time-out is an event of the same append: the reply is about the new hold all the same.
  expect(next.json).toMatchObject({ holdId: 'h-2', balanceAfter: { held: '5' } });
  expect(next.json['eventIds']).toHaveLength(2);
  const settled = await done(http, CHARGE, run(userId, 'r-1', { holdId: 'h-1' }));
  expect(settled.json).toMatchObject({ holdId: 'h-1', uncollected: '0', cost: { total: '66000' } });
});

test('a settle never strands a run: what nothing is left for is uncollected', async () => {
  const userId = await openWallet(http, 'short', 'FREE');
  const model = 'gpt-3.5-turbo';
  await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { model, amount: '100000' }));
  const settled = await done(
    http,
    CHARGE,
    run(userId, 'r-1', { model, holdId: 'h-1', inputTokens: 1_000_000, outputTokens: 0 }),
  );
  expect(settled.json).toMatchObject({
    uncollected: '400500',
    cost: { total: '500500' },
    balanceAfter: { available: '0', held: '0' },
  });
});

describe('a settle that is not of its hold is refused by field', () => {
  test.each([
    ['another run', { runId: 'r-2' }, 'runId'],
    ['another model', { model: 'deepseek' }, 'model'],
    ['a test', { purpose: 'test' }, 'purpose'],
    ['own key', { byok: true }, 'byok'],
    ['another creator', { creatorId: 'c-2' }, 'creatorId'],
    ['a higher fee', { creatorFee: '1001' }, 'creatorFee'],
  ])('%s', async (_name, change, field) => {
    const userId = await openWallet(http, 'unlike');
    await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000', ...FEE }));
    const settle = { ...run(userId, 'r-1', { holdId: 'h-1', ...FEE }), ...change };
    const { errors } = await refused(http, CHARGE, settle, [400, 'request.invalid']);
    expect(errors).toEqual([{ field, message: expect.stringContaining('hold h-1') }]);
  });

  test('a lower fee is taken', async () => {
    const userId = await openWallet(http, 'lower');
    await done(http, HOLDS, hold(userId, 'h-1', 'r-1', { amount: '80000', ...FEE }));
    const settled = await done(
      http,
      CHARGE,
      run(userId, 'r-1', { holdId: 'h-1', creatorId: 'c-1', creatorFee: 7 }),
    );
    expect(settled.json).toMatchObject({ cost: { creatorFee: '7', creatorShare: '6', platformShare: '1' } });
  });
});

test('a usage object is charged as the buckets it is sorted into', async () => {
  const userId = await openWallet(http, 'usage', 'ENTERPRISE');
  const charge = async (runId: string, tokens: object): Promise<unknown> => {
    const body = { userId, runId, model: 'claude-3-sonnet', ...tokens };
    return (await done(http, CHARGE, body)).json['cost'];
  };
  const buckets = await charge('r-1', {
    inputTokens: 1_000,
    outputTokens: 500,
    cachedInputTokens: 200,
    cacheWriteTokens: 40,
  });
  // 1,000 x 3 + 500 x 15 + 200 x 0.30 + 40 x 3.75
  expect(buckets).toMatchObject({ inferenceCost: '10710' });
  const anthropic = {
    input_tokens: 1_000,
    output_tokens: 500,
    cache_read_input_tokens: 200,
    cache_creation_input_tokens: 40,
  };
  expect(await charge('r-2', { usage: anthropic })).toEqual(buckets);
  const openAi = {
    prompt_tokens: 1_240,
    completion_tokens: 500,
    total_tokens: 1_740,
    prompt_tokens_details: { cached_tokens: 200 },
  };
  const sorted = { inputTokens: 1_040, outputTokens: 500, cachedInputTokens: 200 };
  expect(await charge('r-3', { usage: openAi })).toEqual(await charge('r-4', sorted));
});

test('a quote is honoured by a later hold and charge, for the user it names', async () => {
  const [userId, other] = [await openWallet(http, 'quote'), await openWallet(http, 'quote-other')];
  const { userId: _user, runId: _run, ...tokens } = run('', '');
  const quote = await http.post('/api/credits/calculate-cost', { body: { ...tokens, userId } });
  const quoteId = String(quote.json['quoteId']);
  const charged = await done(http, CHARGE, run(userId, 'r-1', { quoteId }));
  expect(charged.json['cost']).toMatchObject({ total: quote.json['total'] });
  await done(http, HOLDS, hold(userId, 'h-2', 'r-2', { amount: '80000', quoteId }));
  const theirs = await refused(http, CHARGE, run(other, 'r-1', { quoteId }), [400, 'request.invalid']);
  expect(theirs['errors']).toMatchObject([{ field: 'quoteId' }]);
});
