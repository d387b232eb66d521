import { STANDARD_PLANS } from '../plans/plan-table.js';
import { ratesOf, STANDARD_RATE_CARD, TOKEN_RATES_2024 } from '../pricing/rate-card.js';
import { createCatalogue } from './catalogue.js';
import { seedEvents, STANDARD_CATALOGUE, STANDARD_TERMS } from './standard.js';

const NOW = Date.UTC(2026, 10, 20, 16);

describe('what a ledger starts with', () => {
  test('both cards, the default policy and the four plans, version 1, in force from the epoch', () => {
    expect(
      seedEvents().map(({ type, version, at, effectiveFrom }) => [type, version, at, effectiveFrom]),
    ).toEqual([
      ['RateCardPublished', 1, 0, 0],
      ['RateCardPublished', 1, 0, 0],
      ['PolicyActivated', 1, 0, 0],
      ['PlansPublished', 1, 0, 0],
    ]);
  });

  test.each([0, NOW])('runs are priced by three-part-v1 over the standard card, at %s', (t) => {
    const { policy, rateCard, byokFeeBasisPoints, planCredit } = STANDARD_TERMS.pricingAt(t);
    expect(policy.id).toBe('three-part-v1');
    expect(rateCard).toEqual(STANDARD_RATE_CARD);
    expect([byokFeeBasisPoints, planCredit]).toEqual([0n, 10_000n]);
  });

  test('the older card is known beside it', () => {
    expect(STANDARD_CATALOGUE.rateCardAt('token-rates-2024', NOW)).toEqual(TOKEN_RATES_2024);
  });

  test('the plan table is the one of the domain rules', () => {
    expect(STANDARD_TERMS.plansAt(NOW)).toEqual(STANDARD_PLANS);
  });

  test('a configured plan credit goes into the plan table, and into v0 prices', () => {
    const catalogue = createCatalogue(seedEvents(12_345n));
    expect(catalogue.plansAt(NOW).planCredit).toBe(12_345n);
    expect(catalogue.pricingAt(NOW).planCredit).toBe(12_345n);
  });

  test('no shipped model is a private one', () => {
    const names = [...STANDARD_RATE_CARD.models.keys(), ...STANDARD_RATE_CARD.aliases.keys()];
    expect(names.filter((name) => ratesOf(STANDARD_RATE_CARD, name)?.customers !== undefined)).toEqual([]);
  });
});
