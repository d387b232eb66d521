import { beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Answer, HttpClient } from './http-client.js';
import { BALANCE, COST, IDS, openWallet, POSITION, run, userOf } from './scene.js';
import { done, useLedger } from './support.js';

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a wallet opens with the plan’s monthly credits, FREE unless said', async () => {
  const userId = userOf('open');
  const pro = await http.post('/api/wallets', { key: 'k', body: { userId, plan: 'PRO' } });
  expect([pro.status, pro.json]).toEqual([
    200,
    {
      eventIds: [...IDS, ...IDS],
      position: POSITION,
      replayed: false,
      balanceAfter: { ...BALANCE, available: '15000000', monthly: '15000000' },
      userId,
      plan: 'PRO',
    },
  ]);
  const free = await done(http, '/api/wallets', { userId: userOf('free') });
  expect(free.json).toMatchObject({ plan: 'FREE', balanceAfter: { available: '100000' } });
  const elite = await done(http, '/api/wallets', { userId: userOf('elite'), plan: 'ELITE' });
  expect(elite.json['balanceAfter']).toEqual({
    ...BALANCE,
    available: '0',
    monthly: '0',
    unlimited: { used: '0' },
  });
});

test('credits are added as purchase, promo and adjustment', async () => {
  const userId = await openWallet(http, 'add', 'FREE');
  const bought = await done(http, '/api/credits/add', {
    userId,
    amount: '5000000',
    kind: 'purchased',
    reference: `pay-${userId}`,
  });
  expect(bought.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '5100000', monthly: '100000', purchased: '5000000' },
    lot: {
      id: expect.stringMatching(/^lot-/),
      kind: 'purchased',
      origin: 'purchased',
      original: '5000000',
      remaining: '5000000',
      reserved: '0',
      paymentId: `pay-${userId}`,
    },
  });
  const given = await done(http, '/api/credits/add', {
    userId,
    amount: 7,
    kind: 'promo',
    reason: 'welcome',
    expiresAt: '2999-01-01T00:00:00Z',
  });
  expect(given.json['lot']).toMatchObject({
    kind: 'promo',
    origin: 'promo',
    original: '7',
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  const adjusted = await done(http, '/api/credits/add', {
    userId,
    amount: '3',
    kind: 'adjustment',
    reason: 'correction',
    reference: 'case-1',
  });
  expect(adjusted.json['lot']).toMatchObject({ kind: 'promo', origin: 'adjustment' });
  expect(adjusted.json['balanceAfter']).toMatchObject({ available: '5100010', promo: '10' });
});

test('a payment is credited once, under whatever key', async () => {
  const userId = await openWallet(http, 'payment');
  const body = { userId, amount: '9', kind: 'purchased', reference: `pay-${userId}` };
  await done(http, '/api/credits/add', body);
  const again = await http.post('/api/credits/add', { key: randomUUID(), body });
  expect([again.status, again.json['code']]).toEqual([409, 'payment.already_credited']);
  const other = await openWallet(http, 'payment-other');
  const theirs = await http.post('/api/credits/add', { key: 'k', body: { ...body, userId: other } });
  expect([theirs.status, theirs.json['code']]).toEqual([409, 'payment.already_credited']);
});

test('a run is charged with every component of its price', async () => {
  const userId = await openWallet(http, 'charge');
  const charged = await done(
    http,
    '/api/credits/charge-prompt',
    run(userId, 'r-1', {
      creatorId: 'c-1',
      creatorFee: 1_000,
      promptId: 'p',
      ranAt: '2026-01-02T03:04:05Z',
    }),
  );
  expect(charged.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14939000', monthly: '14939000' },
    runId: 'r-1',
    cost: COST,
  });
});

test('a key has one effect: the repeat returns the first result, another body is refused', async () => {
  const userId = await openWallet(http, 'replay');
  const send = (body: object): Promise<Answer> =>
    http.post('/api/credits/charge-prompt', { key: 'the key', body });
  const first = await send(run(userId, 'r-1', { creatorId: 'c', creatorFee: '1000' }));
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-2'));
  // The same amount written differently, and fields in another order, are the same body.
  const { model, ...rest } = run(userId, 'r-1', { creatorFee: 1_000, creatorId: 'c' });
  const second = await send({ model, ...rest });
  expect(second.json).toEqual({ ...first.json, replayed: true });
  const other = await send(run(userId, 'r-1'));
  expect([other.status, other.json['code']]).toEqual([422, 'request.id_reused']);
  const anew = await http.post('/api/credits/charge-prompt', { key: 'k2', body: run(userId, 'r-1') });
  expect([anew.status, anew.json['code']]).toEqual([409, 'run.already_charged']);
});

test('a flow is unlocked once', async () => {
  const userId = await openWallet(http, 'unlock');
  const body = { userId, flowId: 'f-1', creatorId: 'c-1', price: '99' };
  const unlocked = await done(http, '/api/flows/unlock', body);
  expect(unlocked.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14999901', monthly: '14999901' },
    flowId: 'f-1',
    creatorId: 'c-1',
    price: '99',
    creatorShare: '80',
    platformShare: '19',
  });
  const again = await http.post('/api/flows/unlock', { key: randomUUID(), body });
  expect([again.status, again.json['code']]).toEqual([409, 'flow.already_unlocked']);
  const own = await http.post('/api/flows/unlock', { key: 'own', body: { ...body, creatorId: userId } });
  expect([own.status, own.json['code']]).toEqual([409, 'flow.own_flow']);
});
