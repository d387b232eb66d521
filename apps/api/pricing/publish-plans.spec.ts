import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CatalogueApi,
  LATER,
  listIn,
  NOW,
  openCatalogueApi,
  refusedFields,
} from '#test/support/catalogue-api.js';

let api: CatalogueApi;
const fresh = () => {
  beforeAll(async () => void (api = await openCatalogueApi()));
  afterAll(async () => {
    expect(api.faults).toEqual([]);
    await api.close();
  });
};

describe('publishing plans', () => {
  fresh();

  /** What GET shows, as it is sent back: the credits of a grant are worked out, not sent. */
  async function shownPlans(): Promise<Record<string, Record<string, unknown>>> {
    const plans = (await api.http.get('/api/plans')).json['inForce']!['plans'] as unknown as Record<
      string,
      Record<string, unknown>
    >;
    for (const plan of Object.values(plans)) delete (plan['monthly'] as Record<string, unknown>)['credits'];
    return plans;
  }
  const publish = (key: string, plans: object, more: object = {}) =>
    api.http.post('/api/plans', {
      key,
      body: { table: 'standard', effectiveFrom: LATER, planCredit: '20000', plans, ...more },
    });

  test('the table as it is shown can be sent back changed; it is upcoming, then in force', async () => {
    const plans = await shownPlans();
    plans['PRO']!['testRuns'] = { kind: 'limited', max: 7 };
    const { status, json } = await publish('k1', plans);
    expect([status, json]).toMatchObject([
      200,
      { table: { id: 'standard', version: 2, effectiveFrom: LATER } },
    ]);
    const before = (await api.http.get('/api/plans')).json;
    expect([before['inForce']!['version'], listIn(before, 'upcoming').map(({ version }) => version)]).toEqual(
      [1, [2]],
    );
    await api.at(NOW + 60_000);
    const after = (await api.http.get('/api/plans')).json;
    expect([after['inForce'], after['upcoming']]).toMatchObject([
      { version: 2, planCredit: '20000', plans: { PRO: { testRuns: { kind: 'limited', max: 7 } } } },
      [],
    ]);
    expect(await shownPlans()).toEqual(plans);
  });

  test.each([
    ['a plan left out', (plans: Plans) => delete plans['ELITE'], ['plans.ELITE']],
    ['a fifth plan', (plans: Plans) => (plans['GOLD'] = plans['PRO']!), ['plans.GOLD']],
    ['a limit without a maximum', set('PRO', 'testRuns', { kind: 'limited' }), ['plans.PRO.testRuns.max']],
    [
      'a maximum without a limit',
      set('PRO', 'testRuns', { kind: 'unlimited', max: 1 }),
      ['plans.PRO.testRuns.max'],
    ],
    [
      'a limit of minus one',
      set('PRO', 'testRuns', { kind: 'limited', max: -1 }),
      ['plans.PRO.testRuns.max'],
    ],
    [
      'a limit above all bytes',
      set('PRO', 'storageBytes', { kind: 'limited', max: 1e15 + 1 }),
      ['plans.PRO.storageBytes.max'],
    ],
    ['an unknown kind', set('PRO', 'testRuns', { kind: 'infinite' }), ['plans.PRO.testRuns.kind']],
    [
      'credits for an unlimited plan',
      set('PRO', 'monthly', { kind: 'unlimited', covers: [], planCredits: '1' }),
      ['plans.PRO.monthly.planCredits'],
    ],
    [
      'an allowance for creator fees',
      set('PRO', 'monthly', { kind: 'unlimited', covers: ['creatorFee'] }),
      ['plans.PRO.monthly.covers'],
    ],
    ['BYOK perhaps', set('PRO', 'byok', 'yes'), ['plans.PRO.byok']],
  ])('%s: 400 by field', async (what, change, fields) => {
    await api.at(NOW);
    const plans = await shownPlans();
    change(plans);
    const { status, json } = await publish(what, plans, { effectiveFrom: '2027-01-01T00:00:00Z' });
    const named = refusedFields(json);
    expect(status).toBe(400);
    for (const field of fields) expect(named).toContainEqual(expect.stringContaining(field));
  });

  type Plans = Record<string, Record<string, unknown>>;
  function set(plan: string, field: string, value: unknown) {
    return (plans: Plans): void => void (plans[plan]![field] = value);
  }
});
