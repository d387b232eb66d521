import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QUOTE_LIFE_MS } from '#libs/application/catalogue/quotes.js';
import {
  type CatalogueApi,
  listIn,
  NOW,
  openCatalogueApi,
  ownCard,
  refusedFields,
  RUN,
} from '#test/support/catalogue-api.js';
import { EXPECTED_MODELS } from '#test/support/expected-pricing.js';

let api: CatalogueApi;
const fresh = () => {
  beforeAll(async () => void (api = await openCatalogueApi()));
  afterAll(async () => {
    expect(api.faults).toEqual([]);
    await api.close();
  });
};

describe('calculate-cost', () => {
  fresh();

  test.each([
    ['three-part-v1', '30000', '3000', '33000'],
    ['graduated-v2', '30000', '4000', '34000'],
    ['token-credits-v0', '1250000', '0', '1250000'],
  ])('prices by %s', async (policy, inferenceCost, platformMarkup, total) => {
    expect(await api.cost({ ...RUN, policy })).toMatchObject({
      policy,
      inferenceCost,
      platformMarkup,
      total,
    });
  });

  test('says by which policy and card, and quotes for 15 minutes', async () => {
    expect(await api.cost(RUN)).toMatchObject({
      policy: 'three-part-v1',
      rateCard: { id: 'standard', version: 1 },
      quoteId: expect.stringMatching(/^q1\./),
      expiresAt: new Date(NOW + QUOTE_LIFE_MS).toISOString(),
    });
  });

  test('quotes the policy in force by name too, another one only for comparison', async () => {
    expect(await api.cost({ ...RUN, policy: 'three-part-v1' })).toHaveProperty('quoteId');
    for (const policy of ['graduated-v2', 'token-credits-v0']) {
      const answer = await api.cost({ ...RUN, policy });
      expect([answer['quoteId'], answer['expiresAt']]).toEqual([undefined, undefined]);
    }
  });

  test.each([
    ['a model that the card has not', { ...RUN, model: 'gpt-5' }, 'model.unpriced'],
    [
      'a model that v0 has not',
      { ...RUN, model: 'mixtral-8x7b', policy: 'token-credits-v0' },
      'model.unpriced',
    ],
    ['a policy that is none', { ...RUN, policy: 'four-part-v3' }, 'request.invalid'],
    ['a fee for nobody', { ...RUN, creatorFee: '5' }, 'request.invalid'],
  ])('%s is refused', async (_what, body, code) => {
    expect((await api.cost(body))['code']).toBe(code);
  });
});

describe('what everybody may see', () => {
  fresh();

  test('models: every one with a price', async () => {
    const { json } = await api.http.get('/api/models');
    expect(listIn(json, 'models').map(({ model }) => String(model))).toEqual([...EXPECTED_MODELS].sort());
    expect(listIn(json, 'models').some((model) => 'private' in model)).toBe(false);
    expect(json).toMatchObject({ rateCard: { id: 'standard', version: 1 }, policy: 'three-part-v1' });
  });

  test('rate cards and policies, and which of them price runs', async () => {
    const { json } = await api.http.get('/api/rate-cards');
    expect(json['pricing']).toEqual({ policy: 'three-part-v1', rateCard: 'standard', version: 1 });
    expect(listIn(json, 'rateCards').map(({ id, version, status }) => [id, version, status])).toEqual([
      ['standard', 1, 'in_force'],
      ['token-rates-2024', 1, 'in_force'],
    ]);
    expect(json['policies']).toEqual([
      {
        policy: 'three-part-v1',
        version: 1,
        rateCard: 'standard',
        byokFeeBasisPoints: 0,
        effectiveFrom: '1970-01-01T00:00:00.000Z',
        status: 'in_force',
      },
    ]);
  });

  test('plans: limits, models, plan credits', async () => {
    const { json } = await api.http.get('/api/plans');
    expect(json['upcoming']).toEqual([]);
    expect(json['inForce']).toMatchObject({ table: 'standard', version: 1, planCredit: '10000' });
    expect(json['inForce']!['plans']['FREE']).toEqual({
      monthly: { kind: 'granted', planCredits: '10', credits: '100000' },
      privatePrompts: { kind: 'limited', max: 3 },
      testRuns: { kind: 'limited', max: 100 },
      storageBytes: { kind: 'limited', max: 1_000_000_000 },
      models: ['deepseek', 'gpt-3.5-turbo'],
      privateModels: false,
      byok: false,
    });
    expect(json['inForce']!['plans']['ENTERPRISE']).toMatchObject({
      monthly: { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'] },
      storageBytes: { kind: 'custom' },
    });
  });

  test.each(['/api/models', '/api/rate-cards', '/api/plans'])('%s takes no parameter', async (path) => {
    expect((await api.http.get(`${path}?card=standard`)).status).toBe(400);
  });
});

describe('a quote', () => {
  fresh();
  const charge = (runId: string, more: object) =>
    api.http.post('/api/credits/charge-prompt', {
      key: runId,
      body: { userId: 'u-1', runId, ...RUN, ...more },
    });

  test('is honoured by a later charge, though the card has changed since', async () => {
    await api.http.post('/api/wallets', { key: 'open', body: { userId: 'u-1', plan: 'PRO' } });
    const { quoteId } = await api.cost({ ...RUN, userId: 'u-1' });
    await api.http.post('/api/rate-cards', { key: 'card', body: ownCard() });
    await api.at(NOW + 120_000);
    expect((await charge('r-1', {})).json['cost']).toMatchObject({
      inferenceCost: '20000',
      rateCard: { version: 2 },
    });
    expect((await charge('r-2', { quoteId })).json['cost']).toMatchObject({
      inferenceCost: '30000',
      rateCard: { id: 'standard', version: 1 },
    });
  });

  test('for another user, forged, or of another server: 400 on quoteId', async () => {
    const { quoteId } = await api.cost({ ...RUN, userId: 'u-2' });
    for (const text of [quoteId, `${quoteId}A`, 'q1.W10.AAAA']) {
      const { status, json } = await charge('r-3', { quoteId: text });
      expect([status, refusedFields(json)]).toEqual([400, ['quoteId']]);
    }
  });

  test('past its time: 409 quote.expired', async () => {
    const { quoteId } = await api.cost({ ...RUN, userId: 'u-1' });
    await api.at(api.clock.t + QUOTE_LIFE_MS);
    const { status, json } = await charge('r-4', { quoteId });
    expect([status, json['code']]).toEqual([409, 'quote.expired']);
  });
});

describe('a process that cannot read the log', () => {
  test('refuses to price after 30 s: 503 service.catching_up; it still shows the catalogue', async () => {
    const cut = await openCatalogueApi();
    try {
      cut.store.head = () => Promise.reject(new Error('away'));
      cut.clock.t = NOW + 30_001;
      const { status, json, headers } = await cut.http.post('/api/credits/calculate-cost', { body: RUN });
      expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'service.catching_up', '1']);
      expect((await cut.http.get('/api/models')).status).toBe(200);
    } finally {
      await cut.close();
    }
  });
});
