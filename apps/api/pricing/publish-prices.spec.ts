import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CatalogueApi,
  LATER,
  listIn,
  NOW,
  openCatalogueApi,
  ownCard,
  refusedFields,
  RUN,
} from '#test/support/catalogue-api.js';

let api: CatalogueApi;
const fresh = () => {
  beforeAll(async () => void (api = await openCatalogueApi()));
  afterAll(async () => {
    expect(api.faults).toEqual([]);
    await api.close();
  });
};

describe('publishing a rate card', () => {
  fresh();

  test('answers with the version, lists it as upcoming, and prices by it from its moment on', async () => {
    const { status, json } = await api.http.post('/api/rate-cards', { key: 'k1', body: ownCard() });
    expect([status, json]).toMatchObject([
      200,
      { replayed: false, rateCard: { id: 'standard', version: 2, effectiveFrom: LATER } },
    ]);
    const listed = listIn((await api.http.get('/api/rate-cards')).json, 'rateCards');
    expect(listed.map(({ id, version, status: s }) => [id, version, s])).toEqual([
      ['standard', 2, 'upcoming'],
      ['standard', 1, 'in_force'],
      ['token-rates-2024', 1, 'in_force'],
    ]);
    await api.at(NOW + 59_999);
    expect(await api.cost(RUN)).toMatchObject({ inferenceCost: '30000', rateCard: { version: 1 } });
    await api.at(NOW + 60_000);
    expect(await api.cost(RUN)).toMatchObject({ inferenceCost: '20000', rateCard: { version: 2 } });
  });

  test('a private model is shown as one, never for whom', async () => {
    const [models, cards] = [await api.http.get('/api/models'), await api.http.get('/api/rate-cards')];
    expect(models.json['models']).toEqual([
      {
        model: 'acme',
        aliasOf: 'acme-7b',
        input: '1',
        output: '2',
        cachedInput: '0',
        cacheWrite: '1',
        private: true,
      },
      { model: 'acme-7b', input: '1', output: '2', cachedInput: '0', cacheWrite: '1', private: true },
      {
        model: 'gpt-4',
        input: '20000000',
        output: '40000000',
        cachedInput: '20000000',
        cacheWrite: '20000000',
      },
    ]);
    expect(cards.json['rateCards']?.[0]!['models']?.[1]).toEqual({
      model: 'acme-7b',
      input: '1',
      output: '2',
      cacheRead: '0',
      private: true,
    });
    expect(models.text + cards.text).not.toContain('u-acme');
  });

  test('the same request again is replayed, an amount written otherwise is the same', async () => {
    api.clock.t = NOW;
    const models = [
      { model: 'gpt-4', input: 20_000_000, output: '40000000' },
      { model: 'acme-7b', input: '1', output: 2, cacheRead: 0, customers: ['u-acme'] },
    ];
    const { json } = await api.http.post('/api/rate-cards', { key: 'k1', body: ownCard({ models }) });
    expect(json).toMatchObject({ replayed: true, rateCard: { version: 2 } });
    const other = await api.http.post('/api/rate-cards', { key: 'k1', body: ownCard({ aliases: [] }) });
    expect([other.status, other.json['code']]).toEqual([422, 'request.id_reused']);
  });

  const MODEL = { model: 'm', input: '1', output: '1' };
  test.each([
    ['models that are no list', { models: {} }, ['models']],
    ['no models at all', { models: undefined }, ['models']],
    ['an empty list', { models: [], aliases: [] }, ['models']],
    [
      'a model that is no object',
      { models: [7] },
      ['models[0]', 'models[0].model', 'models[0].input', 'models[0].output'],
    ],
    ['half a credit', { models: [{ ...MODEL, input: 1.5 }], aliases: [] }, ['models[0].input']],
    ['a rate in exponents', { models: [{ ...MODEL, output: '1e3' }], aliases: [] }, ['models[0].output']],
    ['an unknown field', { models: [{ ...MODEL, price: '1' }], aliases: [] }, ['models[0].price']],
    ['a model twice', { models: [MODEL, MODEL], aliases: [] }, ['models[1].model']],
    [
      'customers that are no list',
      { models: [{ ...MODEL, customers: 'u-1' }], aliases: [] },
      ['models[0].customers'],
    ],
    [
      'a customer that is no id',
      { models: [{ ...MODEL, customers: [' '] }], aliases: [] },
      ['models[0].customers'],
    ],
    ['an alias of nothing', { models: [MODEL] }, ['aliases[0].model']],
    ['a time without a day', { effectiveFrom: '2026-11-31T00:00:00Z' }, ['effectiveFrom']],
    ['59 s ahead', { effectiveFrom: '2026-11-20T16:00:59.999Z' }, ['effectiveFrom']],
    ['an unknown field of the body', { customers: [] }, ['customers']],
    ['a card id with a slash', { rateCard: 'a/b' }, ['rateCard']],
  ])('%s: 400 by field, and nothing is written', async (what, more, fields) => {
    api.clock.t = NOW;
    await api.catalogue.refresh();
    const head = await api.store.head();
    const { status, json } = await api.http.post('/api/rate-cards', { key: what, body: ownCard(more) });
    expect([status, refusedFields(json)]).toEqual([400, fields]);
    expect(await api.store.head()).toBe(head);
  });
});

describe('activating a policy', () => {
  fresh();
  const activate = (key: string, more: object = {}) =>
    api.http.post('/api/pricing/policies', {
      key,
      body: { policy: 'graduated-v2', rateCard: 'token-rates-2024', effectiveFrom: LATER, ...more },
    });

  test('prices by it and its card from its moment on', async () => {
    const { status, json } = await activate('k1', { byokFeeBasisPoints: 125 });
    expect([status, json]).toMatchObject([
      200,
      {
        policy: 'graduated-v2',
        version: 1,
        rateCard: 'token-rates-2024',
        byokFeeBasisPoints: 125,
        effectiveFrom: LATER,
      },
    ]);
    await api.at(NOW + 60_000);
    expect(await api.cost({ ...RUN, byok: true })).toMatchObject({
      policy: 'graduated-v2',
      rateCard: { id: 'token-rates-2024', version: 1 },
      inferenceCost: '0',
      byokFee: '375',
    });
    const { json: cards } = await api.http.get('/api/rate-cards');
    expect(listIn(cards, 'policies').map(({ policy, status: s }) => [policy, s])).toEqual([
      ['graduated-v2', 'in_force'],
      ['three-part-v1', 'past'],
    ]);
  });

  test('over a card that is not there: 404 ratecard.not_found', async () => {
    const { status, json } = await activate('k2', {
      rateCard: 'nowhere',
      effectiveFrom: '2027-01-01T00:00:00Z',
    });
    expect([status, json['code']]).toEqual([404, 'ratecard.not_found']);
  });

  test.each([
    ['an unknown policy', { policy: 'four-part-v3' }, 'policy'],
    ['more than all of it', { byokFeeBasisPoints: 10_001 }, 'byokFeeBasisPoints'],
    ['too early', { effectiveFrom: '2026-11-20T16:00:59Z' }, 'effectiveFrom'],
  ])('%s: 400 by field', async (what, more, field) => {
    const { status, json } = await activate(what, more);
    expect([status, refusedFields(json)]).toEqual([400, [field]]);
  });
});
