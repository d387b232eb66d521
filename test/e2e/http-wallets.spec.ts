import { beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpClient } from './http-client.js';
import { BALANCE, COST, hold, IDS, openWallet, POSITION, run, TIME } from './scene.js';
import { done, refused, useLedger } from './support.js';

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a frozen wallet takes nothing new until it is unfrozen', async () => {
  const userId = await openWallet(http, 'freeze');
  await done(http, '/api/credits/holds', hold(userId, 'h-1', 'r-1', { amount: '80000' }));
  const frozen = await done(http, `/api/wallets/${userId}/freeze`, {
    reason: 'dispute',
    reference: 'case-7',
  });
  expect(frozen.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14920000', held: '80000', monthly: '15000000' },
    userId,
    status: 'frozen',
    reason: 'dispute',
    reference: 'case-7',
  });
  await refused(http, `/api/wallets/${userId}/freeze`, { reason: 'other' }, [409, 'wallet.frozen']);
  await refused(http, '/api/credits/charge-prompt', run(userId, 'r-2'), [409, 'wallet.frozen']);
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-1', { holdId: 'h-1' }));
  const { json } = await done(http, `/api/wallets/${userId}/unfreeze`);
  expect(json).toMatchObject({ userId, status: 'open' });
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-2'));
  // An empty body says the same as none.
  const again = await refused(http, `/api/wallets/${userId}/unfreeze`, {}, [400, 'request.invalid']);
  expect(again['errors']).toMatchObject([{ field: 'userId' }]);
});

describe('closing a wallet', () => {
  test.each([
    ['pay_back', { paidBack: '5000', expired: '100700' }],
    ['expire', { paidBack: '0', expired: '105700' }],
  ])('%s: free credits expire, bought ones as finance decides', async (remainder, about) => {
    const userId = await openWallet(http, 'close', 'FREE');
    const reference = `pay-${userId}`;
    await done(http, '/api/credits/add', { userId, amount: '5000', kind: 'purchased', reference });
    await done(http, '/api/credits/add', { userId, amount: '700', kind: 'promo', reason: 'bonus' });
    const closed = await done(http, `/api/wallets/${userId}/close`, { remainder });
    expect(closed.json).toEqual({
      eventIds: expect.any(Array),
      position: POSITION,
      replayed: false,
      balanceAfter: { ...BALANCE, available: '0', monthly: '0' },
      userId,
      status: 'closed',
      ...about,
    });
    await refused(http, `/api/wallets/${userId}/close`, { remainder }, [409, 'wallet.closed']);
    await refused(http, '/api/wallets', { userId }, [409, 'wallet.already_open']);
  });

  test('waits for open holds', async () => {
    const userId = await openWallet(http, 'close-hold');
    await done(http, '/api/credits/holds', hold(userId, 'h-1', 'r-1', { amount: '80000' }));
    await refused(http, `/api/wallets/${userId}/close`, { remainder: 'expire' }, [409, 'wallet.open_holds']);
  });
});

test('a threshold that is crossed is an event of the same append; the reply is about the charge', async () => {
  const userId = await openWallet(http, 'thresholds');
  const set = await done(http, `/api/wallets/${userId}/thresholds`, { thresholds: [5, '14950000'] });
  expect(set.json).toMatchObject({ userId, thresholds: ['14950000', '5'] });
  const charged = await done(
    http,
    '/api/credits/charge-prompt',
    run(userId, 'r-1', { creatorId: 'c-1', creatorFee: '1000' }),
  );
  expect(charged.json['eventIds']).toHaveLength(2);
  expect(charged.json).toMatchObject({
    balanceAfter: { available: '14939000' },
    runId: 'r-1',
    cost: COST,
  });
  const once = await done(http, '/api/credits/charge-prompt', run(userId, 'r-2'));
  expect(once.json['eventIds']).toHaveLength(1);
  const none = await done(http, `/api/wallets/${userId}/thresholds`, { thresholds: [] });
  expect(none.json).toMatchObject({ thresholds: [] });
});

describe('the plan of a user', () => {
  test('goes up at once, with the difference granted', async () => {
    const userId = await openWallet(http, 'up', 'FREE');
    await done(http, '/api/credits/charge-prompt', run(userId, 'r-1', { model: 'deepseek' }));
    const { json } = await done(http, '/api/plans/change', { userId, plan: 'PRO' });
    expect(json).toMatchObject({ plan: 'PRO', scheduled: false, effectiveAt: TIME });
    expect(Number(json['balanceAfter']?.['available'])).toBeGreaterThan(14_998_000);
    expect(Math.abs(Date.parse(String(json['effectiveAt'])) - Date.now())).toBeLessThan(60_000);
    const same = await refused(http, '/api/plans/change', { userId, plan: 'PRO' }, [400, 'request.invalid']);
    expect(same['errors']).toMatchObject([{ field: 'plan' }]);
  });

  test('goes down when the period ends, unless that is called off', async () => {
    const userId = await openWallet(http, 'down');
    const { json } = await done(http, '/api/plans/change', { userId, plan: 'FREE' });
    expect(json).toMatchObject({
      plan: 'FREE',
      scheduled: true,
      effectiveAt: expect.stringMatching(/-01T00:00:00\.000Z$/),
    });
    const cancelled = await done(http, '/api/plans/change/cancel', { userId });
    expect(cancelled.json).toMatchObject({ cancelled: 'FREE', balanceAfter: { available: '15000000' } });
    await refused(http, '/api/plans/change/cancel', { userId }, [409, 'plan.change_not_scheduled']);
  });

  test('is paid for a month from now unless said, once for each payment', async () => {
    const userId = await openWallet(http, 'paid', 'FREE');
    const payment = { userId, plan: 'PRO', reference: `sub-${userId}`, amount: '15000000' };
    const { json } = await done(http, '/api/plans/subscription-payments', payment);
    expect(json).toMatchObject({
      plan: 'PRO',
      reference: payment.reference,
      amount: '15000000',
      from: TIME,
      until: TIME,
    });
    const [from, until] = [new Date(String(json['from'])), new Date(String(json['until']))];
    expect(Math.abs(from.getTime() - Date.now())).toBeLessThan(60_000);
    expect((until.getUTCMonth() - from.getUTCMonth() + 12) % 12).toBe(1);
    const code = 'payment.already_credited';
    await refused(http, '/api/plans/subscription-payments', payment, [409, code]);
    await refused(
      http,
      '/api/credits/add',
      { userId, amount: payment.amount, kind: 'purchased', reference: payment.reference },
      [409, code],
    );
  });

  test.each([
    ['2027-01-31T12:00:00Z', '2027-02-28T12:00:00.000Z'],
    ['2027-12-15T00:00:00Z', '2028-01-15T00:00:00.000Z'],
    ['2028-01-30T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('a month after %s is %s', async (from, until) => {
    const userId = await openWallet(http, 'month', 'FREE');
    const payment = { userId, plan: 'ELITE', reference: `sub-${userId}`, amount: 1, from };
    const { json } = await done(http, '/api/plans/subscription-payments', payment);
    expect(json).toMatchObject({ from: new Date(from).toISOString(), until });
  });
});

describe('prompts count against the limits of the plan', () => {
  test('they are created, changed and deleted', async () => {
    const userId = await openWallet(http, 'prompts', 'FREE');
    const created = await done(http, '/api/prompts', {
      userId,
      promptId: 'p-1',
      visibility: 'private',
      sizeBytes: 600_000_000,
    });
    expect(created.json).toEqual({
      eventIds: IDS,
      position: POSITION,
      replayed: false,
      balanceAfter: { ...BALANCE, available: '100000', monthly: '100000' },
      promptId: 'p-1',
      visibility: 'private',
      sizeBytes: 600_000_000,
    });
    const changed = await done(http, '/api/prompts/p-1', { userId, visibility: 'public' }, 'PATCH');
    expect(changed.json).toMatchObject({ promptId: 'p-1', visibility: 'public', sizeBytes: 600_000_000 });
    const large = { userId, promptId: 'p-2', visibility: 'private', sizeBytes: 600_000_000 };
    await refused(http, '/api/prompts', large, [409, 'plan.storage_exhausted']);
    const deleted = await done(http, `/api/prompts/p-1?userId=${userId}`, undefined, 'DELETE');
    expect(deleted.json).toMatchObject({ promptId: 'p-1' });
    expect(deleted.json).not.toHaveProperty('visibility');
    await done(http, '/api/prompts', large);
  });

  test('a key sent for another prompt is another command', async () => {
    const userId = await openWallet(http, 'prompt-keys');
    for (const promptId of ['p-1', 'p-2']) {
      await done(http, '/api/prompts', { userId, promptId, visibility: 'public', sizeBytes: 1 });
    }
    const remove = (id: string) => http.send('DELETE', `/api/prompts/${id}?userId=${userId}`, { key: 'k' });
    expect((await remove('p-1')).json).toMatchObject({ replayed: false });
    expect((await remove('p-1')).json).toMatchObject({ replayed: true, promptId: 'p-1' });
    expect(await remove('p-2')).toMatchObject({ status: 422, json: { code: 'request.id_reused' } });
  });
});
