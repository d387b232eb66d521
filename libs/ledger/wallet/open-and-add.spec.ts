import { given, TERMS } from '#test/support/ledger/given.js';
import {
  added,
  buy,
  give,
  granted,
  NEW_LOT_ID,
  NOVEMBER_END,
  NOW,
  open,
  opened,
  OPENED_AT,
  USER,
  utc,
} from '#test/support/ledger/wallet-builders.js';
import { PaymentId } from '#libs/kernel/ids.js';
import { monthlyGrant, PLAN_NAMES } from '../plans/plan-table.js';

const PLANS = TERMS.plansAt(NOW);

describe("a plan's monthly credits", () => {
  test.each([
    ['FREE', 100_000n],
    ['PRO', 15_000_000n],
    ['ELITE', 0n],
    ['ENTERPRISE', 0n],
  ] as const)('%s: a lot of %s credits', (plan, credits) => {
    expect(monthlyGrant(plan, PLANS)).toBe(credits);
  });

  test.each(['ELITE', 'ENTERPRISE'] as const)(
    '%s is unlimited, said as such: it covers inference, markup and BYOK fee, never a creator fee',
    (plan) => {
      expect(PLANS.plans[plan].monthly).toEqual({
        kind: 'unlimited',
        covers: ['inference', 'markup', 'byokFee'],
      });
    },
  );

  test('the unit of the plan table is configurable', () => {
    expect(PLAN_NAMES.map((plan) => monthlyGrant(plan, { ...PLANS, planCredit: 7n }))).toEqual([
      70n,
      10_500n,
      0n,
      0n,
    ]);
  });
});

describe('open a wallet', () => {
  test("grants the current period's monthly lot in the same append", () => {
    given()
      .when(open('PRO'))
      .then(opened('PRO', NOW), granted(15_000_000n, NOW, NOVEMBER_END));
  });

  test.each(['ELITE', 'ENTERPRISE'] as const)('%s grants no lot: its allowance is not held', (plan) => {
    given().when(open(plan)).then(opened(plan, NOW));
  });

  test.each([
    ['the first millisecond of a month', '2026-11-01T00:00:00.000', '2026-12-01T00:00:00.000'],
    ['the last millisecond of a month', '2026-11-30T23:59:59.999', '2026-12-01T00:00:00.000'],
    ['the end of a year', '2026-12-31T23:59:59.999', '2027-01-01T00:00:00.000'],
    ['February of a leap year', '2028-02-29T23:59:59.999', '2028-03-01T00:00:00.000'],
    ['February of a common year', '2027-02-28T23:59:59.999', '2027-03-01T00:00:00.000'],
    ['February of 2000, a leap century', '2000-02-29T12:00:00.000', '2000-03-01T00:00:00.000'],
    ['February of 2100, no leap century', '2100-02-28T12:00:00.000', '2100-03-01T00:00:00.000'],
  ])('%s: the lot lives to the end of the calendar month UTC', (_what, at, end) => {
    given()
      .when(open(), { at: utc(at) })
      .then(opened('FREE', utc(at)), granted(100_000n, utc(at), utc(end)));
  });

  test('a second time is refused, whatever the plan', () => {
    given(opened()).when(open('PRO')).thenRefused({ code: 'wallet.already_open' });
  });
});

describe('add credits', () => {
  test('a purchase is a lot without end that names its payment', () => {
    given(opened('ELITE'))
      .when(buy(700n))
      .then(
        added(NEW_LOT_ID, 'purchased', 700n, {
          at: NOW,
          reference: 'pay-1',
          paymentId: PaymentId.of('pay-1'),
        }),
      );
  });

  test('a purchase keeps its cost basis and its expiry, if it has any', () => {
    const costBasis = { currency: 'EUR', minorUnits: 930n, providerFeeMinorUnits: 43n };
    given(opened('ELITE'))
      .when(buy(700n, { costBasis, expiresAt: NOW + 1 }))
      .then(
        added(NEW_LOT_ID, 'purchased', 700n, {
          at: NOW,
          reference: 'pay-1',
          paymentId: PaymentId.of('pay-1'),
          expiresAt: NOW + 1,
          costBasis,
        }),
      );
  });

  test('a promotion carries its reason', () => {
    given(opened('ELITE'))
      .when(give(5n, { reason: 'campaign', reference: 'spring', expiresAt: NOVEMBER_END }))
      .then(
        added(NEW_LOT_ID, 'promo', 5n, {
          at: NOW,
          reason: 'campaign',
          reference: 'spring',
          expiresAt: NOVEMBER_END,
        }),
      );
  });

  test('an adjustment is a promo lot that keeps its origin', () => {
    given(opened('ELITE'))
      .when(give(5n, { kind: 'adjustment', reason: 'correction' }))
      .then(added(NEW_LOT_ID, 'promo', 5n, { at: NOW, origin: 'adjustment', reason: 'correction' }));
  });

  test('what time has made due comes first', () => {
    given(opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END))
      .when(give(5n), { at: NOVEMBER_END })
      .then(
        {
          type: 'CreditsExpired',
          userId: USER,
          at: NOVEMBER_END,
          lotId: 'monthly-2026-11',
          kind: 'monthly',
          origin: 'monthly',
          amount: 100_000n,
        },
        granted(100_000n, NOVEMBER_END, utc('2027-01-01T00:00:00.000')),
        added(NEW_LOT_ID, 'promo', 5n, { at: NOVEMBER_END, reason: 'welcome' }),
      );
  });

  describe('refusals, in the order they are checked', () => {
    const paid = added('lot-a', 'purchased', 5n, { paymentId: PaymentId.of('pay-1') });
    const mustLieAhead = {
      code: 'request.invalid',
      errors: [{ field: 'expiresAt', message: 'must lie in the future' }],
    } as const;

    test('1. wallet.not_found', () => {
      given()
        .when(buy(5n, { expiresAt: NOW }))
        .thenRefused({ code: 'wallet.not_found' });
    });

    test.each([NOW, NOW - 1])('2. request.invalid: an expiry that has come (%s)', (expiresAt) => {
      given(opened('ELITE'), paid).when(buy(5n, { expiresAt })).thenRefused(mustLieAhead);
      given(opened('ELITE')).when(give(5n, { expiresAt })).thenRefused(mustLieAhead);
    });

    test('3. payment.already_credited: used up or not', () => {
      given(opened('ELITE'), paid).when(buy(9n)).thenRefused({ code: 'payment.already_credited' });
    });
  });
});
