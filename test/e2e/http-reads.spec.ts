import { beforeAll, expect, test } from '@jest/globals';
import { formatPosition } from '#libs/event-store/position.js';
import type { Answer, HttpClient, Json } from './http-client.js';
import { BALANCE, COST, openWallet, POSITION, run, TIME, userOf } from './scene.js';
import { done, openLedger, useLedger } from './support.js';

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a read with minPosition shows the effect of the command that answered it', async () => {
  const userId = await openWallet(http, 'read');
  for (let i = 0; i < 10; i++) {
    const charged = await done(http, '/api/credits/charge-prompt', run(userId, `r-${i}`));
    const { json } = await http.get(
      `/api/credits/balance?userId=${userId}&minPosition=${String(charged.json['position'])}`,
    );
    expect(json['available']).toBe(charged.json['balanceAfter']?.['available']);
  }
});

test('the balance shows plan, kinds and lots', async () => {
  const userId = await openWallet(http, 'balance');
  const added = await done(http, '/api/credits/add', {
    userId,
    amount: '500',
    kind: 'purchased',
    reference: `pay-${userId}`,
  });
  const position = String(added.json['position']);
  const { status, json } = await http.get(`/api/credits/balance?userId=${userId}&minPosition=${position}`);
  expect([status, json]).toEqual([
    200,
    {
      userId,
      plan: 'PRO',
      status: 'open',
      thresholds: [],
      ...BALANCE,
      available: '15000500',
      monthly: '15000000',
      purchased: '500',
      uncollected: '0',
      lots: [
        {
          id: expect.stringMatching(/^monthly-/),
          kind: 'monthly',
          origin: 'monthly',
          original: '15000000',
          remaining: '15000000',
          reserved: '0',
          expiresAt: expect.stringMatching(/-01T00:00:00.000Z$/),
        },
        added.json['lot'],
      ],
      asOf: { position: POSITION, time: expect.stringMatching(/Z$/) },
    },
  ]);
});

test('what time has made due is in the balance without an event', async () => {
  const userId = await openWallet(http, 'due', 'FREE');
  const expiresAt = new Date(Date.now() + 1_500).toISOString();
  const body = { userId, amount: '500', kind: 'promo', reason: 'bonus', expiresAt };
  const { json } = await done(http, '/api/credits/add', body);
  const path = `/api/credits/balance?userId=${userId}&minPosition=${String(json['position'])}`;
  expect((await http.get(path)).json['promo']).toBe('500');
  await new Promise((later) => setTimeout(later, 1_600));
  const head = await ledger.store.head();
  expect((await http.get(path)).json).toMatchObject({ promo: '0', available: '100000' });
  expect(await ledger.store.head()).toBe(head);
});

test('transactions come newest first, in pages that neither skip nor repeat', async () => {
  const userId = await openWallet(http, 'pages');
  let position = '';
  for (let i = 0; i < 7; i++) {
    const charged = await done(http, '/api/credits/charge-prompt', run(userId, `r-${i}`));
    position = String(charged.json['position']);
  }
  const first = `/api/credits/transactions?userId=${userId}&limit=3&minPosition=${position}`;
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { status, json }: Answer = await http.get(
      cursor === '' ? first : `/api/credits/transactions?userId=${userId}&limit=3&cursor=${cursor}`,
    );
    expect(status).toBe(200);
    seen.push(
      ...(json['items'] as unknown as Json[]).map((item) => String(item['reference'] ?? item['type'])),
    );
    cursor = json['nextCursor'] as unknown as string | null;
    // What happens meanwhile is newer than every page.
    await done(http, '/api/credits/charge-prompt', run(userId, `late-${seen.length}`));
  }
  expect(seen).toEqual(['r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1', 'r-0', 'monthly_grant']);
});

test('transactions are filtered by type and time, and describe themselves', async () => {
  const userId = await openWallet(http, 'filter');
  await done(http, '/api/flows/unlock', { userId, flowId: 'f-1', creatorId: 'c-1', price: '99' });
  const charged = await done(
    http,
    '/api/credits/charge-prompt',
    run(userId, 'r-1', { creatorId: 'c-1', creatorFee: '1000' }),
  );
  const list = async (query: string): Promise<readonly Json[]> => {
    const position = String(charged.json['position']);
    const { status, json } = await http.get(
      `/api/credits/transactions?userId=${userId}&minPosition=${position}&${query}`,
    );
    expect(status).toBe(200);
    return json['items'] as unknown as Json[];
  };
  expect(await list('type=prompt_charge')).toEqual([
    {
      id: charged.json['eventIds']?.[0],
      type: 'prompt_charge',
      amount: '-61000',
      balanceAfter: '14938901',
      availableAfter: '14938901',
      occurredAt: expect.stringMatching(/Z$/),
      description: 'Run r-1 on gpt-4',
      position: charged.json['position'],
      reference: 'r-1',
      model: 'gpt-4',
      creatorId: 'c-1',
      allowance: '0',
      inferenceCost: '60000',
      platformMarkup: '0',
      byokFee: '0',
      creatorFee: '1000',
    },
  ]);
  expect(await list('type=flow_unlock')).toMatchObject([{ amount: '-99', price: '99', reference: 'f-1' }]);
  expect(await list('to=2020-01-01T00:00:00Z')).toEqual([]);
  expect(await list('from=2020-01-01T00:00:00Z')).toHaveLength(3);
});

test('unlocked flows and the creator’s earnings follow the commands', async () => {
  const userId = await openWallet(http, 'earn');
  const creatorId = userOf('creator');
  await done(http, '/api/flows/unlock', { userId, flowId: 'f-1', creatorId, price: '1003' });
  const last = await done(
    http,
    '/api/credits/charge-prompt',
    run(userId, 'r-1', { creatorId, creatorFee: '7' }),
  );
  const minPosition = `minPosition=${String(last.json['position'])}`;
  const flows = await http.get(`/api/flows/unlocked?userId=${userId}&${minPosition}`);
  expect(flows.json).toMatchObject({
    userId,
    items: [{ flowId: 'f-1', creatorId, price: '1003', creatorShare: '803', platformShare: '200' }],
  });
  const earnings = await until(
    () => http.get(`/api/creators/${creatorId}/earnings`),
    ({ json }) => (json['earned'] as string | undefined) === '809',
  );
  expect(earnings.json).toEqual({
    creatorId,
    earned: '809',
    accrued: '809',
    payable: '0',
    inPayout: '0',
    paid: '0',
    reversed: '0',
    promptSources: 1,
    flowSources: 1,
    nextMaturityAt: TIME,
    asOf: { position: POSITION, time: TIME },
  });
});

test('the books balance, now and at any earlier position', async () => {
  const userId = await openWallet(http, 'books');
  const charged = await done(http, '/api/credits/charge-prompt', run(userId, 'r-1'));
  const asOf = String(charged.json['position']);
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-2'));
  const then = await http.get(`/api/ledger/trial-balance?asOf=${asOf}`);
  expect([then.status, then.json['position'], then.json['total']]).toEqual([200, asOf, '0']);
  expect(then.json['accounts']).toContainEqual({
    account: `wallet:${userId}:monthly`,
    balance: '14934000',
  });
  expect((await http.get('/api/ledger/trial-balance')).json['total']).toBe('0');
});

test('a wallet that does not exist and a creator who earned nothing are not found', async () => {
  for (const [path, code] of [
    ['/api/credits/balance?userId=nobody', 'wallet.not_found'],
    ['/api/credits/transactions?userId=nobody', 'wallet.not_found'],
    ['/api/flows/unlocked?userId=nobody', 'wallet.not_found'],
    ['/api/creators/nobody/earnings', 'creator.not_found'],
  ] as const) {
    const { status, json } = await http.get(path);
    expect([path, status, json['code']]).toEqual([path, 404, code]);
  }
});

test('models carry their rates, aliases too', async () => {
  const { json } = await http.get('/api/models');
  expect(json['rateCard']).toEqual({
    id: 'standard',
    version: 1,
    effectiveFrom: '1970-01-01T00:00:00.000Z',
  });
  expect(json['models']).toHaveLength(10);
  expect(json['models']).toContainEqual({
    model: 'claude-3-opus-200k',
    aliasOf: 'claude-3-opus',
    input: '15000000',
    output: '75000000',
    cachedInput: '1500000',
    cacheWrite: '18750000',
  });
});

test('a quote is the price of the charge, own prompts and own keys included', async () => {
  const quote = async (more: object): Promise<Json> => {
    const { userId: _userId, runId: _runId, ...body } = run('', '');
    return (await http.post('/api/credits/calculate-cost', { body: { ...body, ...more } })).json;
  };
  expect(await quote({ creatorId: 'c-1', creatorFee: '1000' })).toEqual({
    ...COST,
    quoteId: expect.stringMatching(/^q1\./),
    expiresAt: TIME,
  });
  expect(await quote({ creatorId: 'c-1', creatorFee: '1000', userId: 'c-1' })).toMatchObject({
    creatorFee: '0',
    platformMarkup: '6000',
    total: '66000',
  });
  expect(await quote({ byok: true, creatorId: 'c-1', creatorFee: '7' })).toMatchObject({
    inferenceCost: '0',
    platformMarkup: '0',
    total: '7',
    usd: '$0.000007',
  });
});

test('readiness shows store, clock and views', async () => {
  const { status, json } = await until(
    () => http.get('/health/ready'),
    ({ json }) => (json['views'] as unknown as Json[]).every(({ behind }) => String(behind) === '0'),
  );
  expect([status, json['status'], json['problems']]).toEqual([200, 'ready', []]);
  expect((json['views'] as unknown as Json[]).map(({ name }) => String(name))).toContain('balances');
  expect(json['notes']?.[0]).toContain('No authentication');
  expect((await http.get('/health/live')).json).toEqual({ status: 'alive' });
  expect((await http.get('/')).headers.get('content-type')).toContain('text/html');
});

test('a read whose view stands still answers 503 after 5 s, and says when to come back', async () => {
  const still = await openLedger({ roles: [] });
  try {
    const { json } = await done(still.http, '/api/wallets', { userId: 'u-1' });
    const answer = await still.http.get(
      `/api/credits/balance?userId=u-1&minPosition=${String(json['position'])}`,
    );
    expect([answer.status, answer.json['code'], answer.headers.get('retry-after')]).toEqual([
      503,
      'read.not_caught_up',
      '1',
    ]);
    const head = formatPosition(still.store.logId, await still.store.head());
    expect(json['position']).toBe(head);
  } finally {
    await still.close();
  }
}, 30_000);

/** Asks again until the answer satisfies; the last answer when it never does. */
async function until(ask: () => Promise<Answer>, satisfied: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if ((answer.status < 300 && satisfied(answer)) || Date.now() > deadline) return answer;
    await new Promise((later) => setTimeout(later, 50));
  }
}
