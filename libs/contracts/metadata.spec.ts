import fc from 'fast-check';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import { holds } from '#test/support/property.js';
import { UnreadableEventError } from './fields.js';
import { decodeMetadata, encodeMetadata, type EventMetadata } from './metadata.js';

const PROPERTY_RUNS = 500;
const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 18n));

const balance: fc.Arbitrary<Balance> = fc
  .record({
    held: amount,
    monthly: amount,
    promo: amount,
    refund: amount,
    purchased: amount,
    unlimited: fc.option(fc.record({ used: amount, fairUse: amount }, { requiredKeys: ['used'] }), {
      nil: undefined,
    }),
  })
  .map(({ unlimited, ...kinds }) => ({
    available: kinds.monthly + kinds.promo + kinds.refund + kinds.purchased - kinds.held,
    ...kinds,
    ...(unlimited === undefined ? {} : { unlimited }),
  }));

const earnings: fc.Arbitrary<Earnings> = fc
  .record(
    { earned: amount, accrued: amount, inPayout: amount, paid: amount, nextMaturityAt: fc.nat() },
    { requiredKeys: ['earned', 'accrued', 'inPayout', 'paid'] },
  )
  .map((parts) => ({ ...parts, payable: parts.earned - parts.accrued - parts.inPayout - parts.paid }));

const told = {
  principal: fc.string({ unit: 'binary' }),
  key: fc.string(),
  bodyHash: fc.string(),
  correlationId: fc.string(),
  causationId: fc.string(),
};
const required = { requiredKeys: ['principal' as const, 'key' as const, 'bodyHash' as const] };

const metadata: fc.Arbitrary<EventMetadata> = fc.oneof(
  fc.record({ ...told, balance }, required),
  fc.record({ ...told, earnings }, required),
);

describe('metadata', () => {
  test('survives storing, whatever it says', () => {
    holds(
      'decodeMetadata(encodeMetadata(m))',
      PROPERTY_RUNS,
      fc.property(metadata, (said) => {
        const decoded = decodeMetadata(encodeMetadata(said));
        expect(decoded).toEqual(said);
        expect(Object.keys(decoded).sort()).toEqual(Object.keys(said).sort());
      }),
    );
  });

  test.each([
    ['no key', { principal: 'p', bodyHash: 'h' }],
    ['no principal', { key: 'k', bodyHash: 'h' }],
    ['no body hash', { principal: 'p', key: 'k' }],
    ['a key that is no text', { principal: 'p', key: 7, bodyHash: 'h' }],
    ['a balance that is no amount', { principal: 'p', key: 'k', bodyHash: 'h', balance: { promo: '' } }],
    ['a balance in numbers', { principal: 'p', key: 'k', bodyHash: 'h', balance: { promo: 7 } }],
    ['a balance that is no record', { principal: 'p', key: 'k', bodyHash: 'h', balance: 7 }],
    ['earnings in numbers', { principal: 'p', key: 'k', bodyHash: 'h', earnings: { earned: 7 } }],
    ['null', null],
  ])('is refused when it is not of this ledger: %s', (_what, stored) => {
    expect(() => decodeMetadata(JSON.stringify(stored))).toThrow(UnreadableEventError);
  });

  test('text that is not JSON is refused as unreadable', () => {
    expect(() => decodeMetadata('{')).toThrow(UnreadableEventError);
  });
});
