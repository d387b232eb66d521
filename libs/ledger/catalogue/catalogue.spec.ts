import { STANDARD_PLANS } from '../plans/plan-table.js';
import { Catalogue, createCatalogue, UnknownTermsError } from './catalogue.js';
import type { PlansPublished, PolicyActivated, RateCardPublished } from './events.js';
import { seedEvents, STANDARD_CATALOGUE } from './standard.js';

const T = Date.UTC(2026, 10, 20, 16);

const card = (more: Partial<RateCardPublished> = {}): RateCardPublished => ({
  type: 'RateCardPublished',
  at: T,
  version: 2,
  effectiveFrom: T + 100,
  cardId: 'standard',
  models: [{ model: 'gpt-5', input: 7n, output: 8n }],
  aliases: [],
  ...more,
});

const activation = (more: Partial<PolicyActivated> = {}): PolicyActivated => ({
  type: 'PolicyActivated',
  at: T,
  version: 1,
  effectiveFrom: T + 100,
  policyId: 'graduated-v2',
  cardId: 'token-rates-2024',
  byokFeeBasisPoints: 125n,
  ...more,
});

const table = (more: Partial<PlansPublished> = {}): PlansPublished => ({
  type: 'PlansPublished',
  at: T,
  version: 1,
  effectiveFrom: T + 100,
  tableId: 'next',
  planCredit: 5n,
  plans: STANDARD_PLANS.plans,
  ...more,
});

/** What prices at `t`, in short. */
const pricedBy = (catalogue: Catalogue, t: number): readonly unknown[] => {
  const { policy, rateCard, byokFeeBasisPoints } = catalogue.pricingAt(t);
  return [policy.id, `${rateCard.id}@${rateCard.version}`, byokFeeBasisPoints];
};

describe('in force from its own moment', () => {
  test('a version of the card: the millisecond before still has the old one', () => {
    const catalogue = STANDARD_CATALOGUE.with(card());
    expect(pricedBy(catalogue, T + 99)).toEqual(['three-part-v1', 'standard@1', 0n]);
    expect(pricedBy(catalogue, T + 100)).toEqual(['three-part-v1', 'standard@2', 0n]);
  });

  test('a version of another card changes nothing', () => {
    const catalogue = STANDARD_CATALOGUE.with(card({ cardId: 'token-rates-2024' }));
    expect(pricedBy(catalogue, T + 100)).toEqual(['three-part-v1', 'standard@1', 0n]);
  });

  test('a policy, with its card and its BYOK share', () => {
    const catalogue = STANDARD_CATALOGUE.with(activation());
    expect(pricedBy(catalogue, T + 99)).toEqual(['three-part-v1', 'standard@1', 0n]);
    expect(pricedBy(catalogue, T + 100)).toEqual(['graduated-v2', 'token-rates-2024@1', 125n]);
  });

  test('a plan table of another id, with its plan credit', () => {
    const catalogue = STANDARD_CATALOGUE.with(table());
    expect(catalogue.plansAt(T + 99)).toMatchObject({ id: 'standard', version: 1 });
    expect(catalogue.plansAt(T + 100)).toMatchObject({ id: 'next', version: 1, planCredit: 5n });
    expect(catalogue.pricingAt(T + 100).planCredit).toBe(5n);
  });

  test('the older catalogue is unchanged: each is a value', () => {
    const before = STANDARD_CATALOGUE;
    before.with(card()).with(activation()).with(table());
    expect(pricedBy(before, T + 100)).toEqual(['three-part-v1', 'standard@1', 0n]);
    expect([before.rateCards, before.activations, before.planTables].map(({ length }) => length)).toEqual([
      2, 1, 1,
    ]);
  });
});

describe('of those whose moment has come, the last published is in force', () => {
  test('a mistake is put right before its time: it never comes into force', () => {
    const corrected = card({ version: 3, effectiveFrom: T + 50 });
    const catalogue = STANDARD_CATALOGUE.with(card()).with(corrected);
    const versions = [T + 49, T + 50, T + 100, T + 1_000].map((t) => catalogue.pricingAt(t).rateCard.version);
    expect(versions).toEqual([1, 3, 3, 3]);
  });

  test('for policies of different ids alike', () => {
    const back = activation({
      policyId: 'three-part-v1',
      version: 2,
      cardId: 'standard',
      effectiveFrom: T + 200,
    });
    const catalogue = STANDARD_CATALOGUE.with(activation()).with(back);
    const policies = [T, T + 100, T + 199, T + 200].map((t) => catalogue.pricingAt(t).policy.id);
    expect(policies).toEqual(['three-part-v1', 'graduated-v2', 'graduated-v2', 'three-part-v1']);
  });

  test('an active policy follows its card to newer versions', () => {
    const catalogue = STANDARD_CATALOGUE.with(activation()).with(
      card({ cardId: 'token-rates-2024', effectiveFrom: T + 300 }),
    );
    expect(pricedBy(catalogue, T + 299)).toEqual(['graduated-v2', 'token-rates-2024@1', 125n]);
    expect(pricedBy(catalogue, T + 300)).toEqual(['graduated-v2', 'token-rates-2024@2', 125n]);
  });
});

describe('terms that a hold or a quote fixed', () => {
  const reference = {
    policy: 'token-credits-v0',
    rateCard: 'standard',
    rateCardVersion: 1,
    byokFeeBasisPoints: 9n,
  };

  test('stay what they were, whatever is in force', () => {
    const terms = STANDARD_CATALOGUE.with(card())
      .with(activation())
      .pricingOf(reference, T + 1_000);
    expect([terms.policy.id, terms.rateCard.version, terms.byokFeeBasisPoints]).toEqual([
      'token-credits-v0',
      1,
      9n,
    ]);
  });

  test.each([
    ['a card that is not known', { rateCard: 'nowhere' }],
    ['a version that is not known', { rateCardVersion: 2 }],
    ['a policy that is not known', { policy: 'four-part-v3' }],
  ])('%s is never guessed', (_what, more) => {
    expect(() => STANDARD_CATALOGUE.pricingOf({ ...reference, ...more }, T)).toThrow(UnknownTermsError);
  });
});

describe('another policy, for comparing', () => {
  test('is put over the card in force', () => {
    const terms = STANDARD_CATALOGUE.with(card()).pricingBy('graduated-v2', T + 100);
    expect([terms?.policy.id, terms?.rateCard.id, terms?.rateCard.version]).toEqual([
      'graduated-v2',
      'standard',
      2,
    ]);
  });

  test('is undefined when there is none of that id', () => {
    expect(STANDARD_CATALOGUE.pricingBy('four-part-v3', T)).toBeUndefined();
  });
});

describe('a catalogue that was not read', () => {
  test('refuses to price instead of guessing', () => {
    expect(() => Catalogue.EMPTY.pricingAt(T)).toThrow(UnknownTermsError);
    expect(() => Catalogue.EMPTY.plansAt(T)).toThrow(UnknownTermsError);
  });

  test('does not take a version after one that is missing', () => {
    expect(() => STANDARD_CATALOGUE.with(card({ version: 3 }))).toThrow('version 3 follows version 1');
    expect(() => createCatalogue([...seedEvents(), ...seedEvents()])).toThrow('version 1 follows version 1');
  });
});

test('private models keep their customers', () => {
  const own = { model: 'acme-7b', input: 1n, output: 2n, customers: new Set(['u-acme']) };
  const catalogue = STANDARD_CATALOGUE.with(card({ models: [own] }));
  expect(catalogue.rateCard('standard', 2)?.models.get('acme-7b')).toEqual({
    input: 1n,
    output: 2n,
    customers: new Set(['u-acme']),
  });
});
