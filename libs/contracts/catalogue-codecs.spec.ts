import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { catalogueCodecs } from './catalogue-codecs.js';
import type { Codec } from './codec.js';
import { FieldReader, UnreadableEventError } from './fields.js';

const AT = Date.UTC(2026, 10, 20, 16);

const PRIVATE_CARD: CatalogueEvent = {
  type: 'RateCardPublished',
  at: AT,
  version: 2,
  effectiveFrom: AT + 60_000,
  cardId: 'acme',
  models: [
    { model: 'acme-7b', input: 0n, output: 10n ** 12n, cacheRead: 0n, customers: new Set(['u-1', 'u-2']) },
    { model: 'acme-13b', input: 1n, output: 2n, cacheWrite: 3n, customers: new Set() },
    { model: 'open', input: 1n, output: 2n },
  ],
  aliases: [{ alias: 'acme', model: 'acme-7b' }],
};
const FAIR_USE: CatalogueEvent = {
  type: 'PlansPublished',
  at: AT,
  version: 1,
  effectiveFrom: AT,
  tableId: 'fair',
  planCredit: 1n,
  plans: {
    ...STANDARD_PLANS.plans,
    ELITE: { ...STANDARD_PLANS.plans.ELITE, monthly: { kind: 'unlimited', covers: [], fairUse: 7n } },
  },
};

const codecOf = ({ type }: CatalogueEvent) => catalogueCodecs[type] as unknown as Codec<CatalogueEvent>;
const stored = (event: CatalogueEvent): unknown => JSON.parse(JSON.stringify(codecOf(event).encode(event)));

test.each([...seedEvents(), PRIVATE_CARD, FAIR_USE].map((event) => [event.type, event] as const))(
  '%s is read back as it was',
  (type, event) => {
    expect(codecOf(event).decode(FieldReader.of(type, stored(event)))).toEqual(event);
  },
);

test('stored records are flat: no record or list inside of a listed one', () => {
  for (const event of [...seedEvents(), PRIVATE_CARD, FAIR_USE]) {
    for (const value of Object.values(stored(event) as object)) {
      if (!Array.isArray(value)) expect(typeof value).not.toBe('object');
      else
        for (const entry of value)
          expect(Object.values(entry as object).map((v) => typeof v)).not.toContain('object');
    }
  }
});

test('a table without one of its plans cannot be read', () => {
  const { plans, ...rest } = stored(FAIR_USE) as { plans: { plan: string }[] };
  const fields = { ...rest, plans: plans.filter(({ plan }) => plan !== 'PRO') };
  expect(() => catalogueCodecs.PlansPublished.decode(FieldReader.of('PlansPublished.v1', fields))).toThrow(
    UnreadableEventError,
  );
});
