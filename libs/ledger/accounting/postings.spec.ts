import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CreatorId, PaymentId } from '#libs/kernel/ids.js';
import { arbitraryLife, live } from '#test/support/ledger/arbitrary-commands.js';
import { openWallet, TERMS } from '#test/support/ledger/given.js';
import {
  added,
  charged,
  CREATOR,
  draw,
  expired,
  NOW,
  opened,
  unlocked,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import { holds } from '#test/support/property.js';
import type { LedgerEvent } from '../events.js';
import type { PlanTable } from '../plans/plan-table.js';
import type { WalletTerms } from '../wallet/decide.js';
import { balanceOf } from '../wallet/balance.js';
import { LOT_KINDS, type WalletEvent } from '../wallet/events.js';
import { postingsOf } from './postings.js';

/** Random lives checked; each has up to 60 commands. */
const PROPERTY_RUNS = 400;
const STEPS_MAX = 60;

type Journal = Readonly<Record<string, bigint>>;

const journalOf = (event: LedgerEvent): Journal =>
  Object.fromEntries(postingsOf(event).map(({ account, amount }) => [account, amount]));

const paidOut: LedgerEvent = {
  type: 'CreatorPaid',
  creatorId: CreatorId.of(CREATOR),
  at: NOW,
  amount: 800n,
  earnedAt: NOW,
  funding: { purchased: 800n, promo: 0n, monthly: 0n, adjustment: 0n, legacy: 0n, allowance: 0n },
  source: { kind: 'prompt', position: 1n, eventId: 'e', userId: USER, reference: 'run-1' },
};

const fee = {
  creatorId: CREATOR,
  markup: 0n,
  creatorFee: 1_000n,
  creatorShare: 800n,
  platformShare: 200n,
  total: 31_000n,
};

/** The table of domain rules, section 5, written a second time. */
const TABLE: readonly (readonly [rule: string, event: LedgerEvent, journal: Journal])[] = [
  ['opening a wallet posts nothing', opened(), {}],
  [
    'claiming a payment posts nothing',
    { type: 'PaymentRegistered', paymentId: PaymentId.of('pay-1'), userId: USER, amount: 5n, at: NOW },
    {},
  ],
  ['a purchase', added('a', 'purchased', 7n), { 'wallet:u-1:purchased': 7n, 'platform:cash': -7n }],
  ['a promotion', added('a', 'promo', 7n), { 'wallet:u-1:promo': 7n, 'platform:promo_expense': -7n }],
  [
    'a monthly grant',
    added('a', 'monthly', 7n),
    { 'wallet:u-1:monthly': 7n, 'platform:allowance_expense': -7n },
  ],
  [
    'an adjustment',
    added('a', 'promo', 7n, { origin: 'adjustment' }),
    { 'wallet:u-1:promo': 7n, 'platform:adjustments': -7n },
  ],
  ...LOT_KINDS.map(
    (kind) =>
      [
        `a legacy opening balance, ${kind}`,
        added('a', kind, 7n, { origin: 'legacy' }),
        { [`wallet:u-1:${kind}`]: 7n, 'platform:opening': -7n },
      ] as const,
  ),
  [
    'expiry of what was bought is breakage',
    expired('a', 'purchased', 7n, NOW),
    { 'wallet:u-1:purchased': -7n, 'revenue:breakage': 7n },
  ],
  [
    'expiry of a refund lot of purchased origin is breakage',
    expired('a', 'refund', 7n, NOW),
    { 'wallet:u-1:refund': -7n, 'revenue:breakage': 7n },
  ],
  [
    'expiry of a monthly lot',
    expired('a', 'monthly', 7n, NOW),
    { 'wallet:u-1:monthly': -7n, 'platform:allowance_expense': 7n },
  ],
  [
    'expiry of a promotion',
    expired('a', 'promo', 7n, NOW),
    { 'wallet:u-1:promo': -7n, 'platform:promo_expense': 7n },
  ],
  [
    'expiry of an adjustment',
    expired('a', 'promo', 7n, NOW, 'adjustment'),
    { 'wallet:u-1:promo': -7n, 'platform:adjustments': 7n },
  ],
  [
    'expiry of a legacy lot',
    expired('a', 'purchased', 7n, NOW, 'legacy'),
    { 'wallet:u-1:purchased': -7n, 'platform:opening': 7n },
  ],
  [
    'a charge without a creator',
    charged([draw('a', 'purchased', 33_000n)]),
    { 'wallet:u-1:purchased': -33_000n, 'revenue:inference': 30_000n, 'revenue:markup': 3_000n },
  ],
  [
    'a charge with a creator fee, drawn from three lots of two kinds',
    charged([draw('a', 'promo', 1_000n), draw('b', 'promo', 2_000n), draw('c', 'purchased', 28_000n)], fee),
    {
      'wallet:u-1:promo': -3_000n,
      'wallet:u-1:purchased': -28_000n,
      'revenue:inference': 30_000n,
      'revenue:creator_fee_share': 200n,
      'clearing:creator:c-1': 800n,
    },
  ],
  [
    'a charge under an allowance, the fee from lots',
    charged([draw('a', 'monthly', 1_000n)], { ...fee, allowance: 30_000n }),
    {
      'wallet:u-1:monthly': -1_000n,
      'platform:allowance_expense': -30_000n,
      'revenue:inference': 30_000n,
      'revenue:creator_fee_share': 200n,
      'clearing:creator:c-1': 800n,
    },
  ],
  [
    'a BYOK charge with a fee of its own',
    charged([draw('a', 'refund', 376n)], {
      byok: true,
      inference: 0n,
      markup: 0n,
      byokFee: 376n,
      total: 376n,
    }),
    { 'wallet:u-1:refund': -376n, 'revenue:byok': 376n },
  ],
  [
    'a fee too small for a platform share',
    unlocked(4n, [4n, 0n], [draw('a', 'promo', 4n)]),
    { 'wallet:u-1:promo': -4n, 'clearing:creator:c-1': 4n },
  ],
  ['a charge of nothing posts nothing', charged([], { inference: 0n, markup: 0n, total: 0n }), {}],
  [
    'an own prompt names its creator and posts nothing to them',
    charged([draw('a', 'promo', 33_000n)], { creatorId: USER }),
    { 'wallet:u-1:promo': -33_000n, 'revenue:inference': 30_000n, 'revenue:markup': 3_000n },
  ],
  [
    'an unlock',
    unlocked(99n, [80n, 19n], [draw('a', 'monthly', 9n), draw('b', 'purchased', 90n)]),
    {
      'wallet:u-1:monthly': -9n,
      'wallet:u-1:purchased': -90n,
      'revenue:creator_fee_share': 19n,
      'clearing:creator:c-1': 80n,
    },
  ],
  ['a creator paid', paidOut, { 'clearing:creator:c-1': -800n, 'creator:c-1:payable': 800n }],
];

describe('postings', () => {
  test.each(TABLE)('%s', (_rule, event, journal) => {
    expect(journalOf(event)).toEqual(journal);
    // One posting an account: the journal above lost none.
    expect(postingsOf(event)).toHaveLength(Object.keys(journal).length);
    expect(Object.values(journal).reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
  });
});

/** A small fair-use limit, so that charges are split between allowance and lots. */
function splitTerms(): WalletTerms {
  const { plans } = TERMS.plans.table;
  const monthly = {
    kind: 'unlimited',
    covers: ['inference', 'markup', 'byokFee'],
    fairUse: 250_000n,
  } as const;
  const table: PlanTable = {
    ...TERMS.plans.table,
    plans: { ...plans, ENTERPRISE: { name: 'ENTERPRISE', monthly } },
  };
  return {
    pricing: { ...TERMS.pricing, byokFeeBasisPoints: 333n },
    plans: { ...TERMS.plans, table },
  };
}

const drawnBy = (event: WalletEvent): bigint =>
  event.type === 'PromptCharged' || event.type === 'FlowUnlocked'
    ? event.draws.reduce((sum, { amount }) => sum + amount, 0n)
    : 0n;

describe('every reachable state of a wallet', () => {
  test('postings sum to zero, lots + spent + expired = added, accounts equal the balance, nothing negative', () => {
    const terms = splitTerms();
    const seenTypes = new Set<string>();
    holds(
      'wallet invariants over random lives',
      PROPERTY_RUNS,
      fc.property(arbitraryLife(STEPS_MAX), (steps) => {
        const sums = { added: 0n, spent: 0n, expired: 0n };
        const accounts = new Map<string, bigint>();
        let lastAt = 0;
        live(steps, terms, (event, wallet) => {
          seenTypes.add(event.type);
          if (event.type === 'CreditsAdded') sums.added += event.amount;
          if (event.type === 'CreditsExpired') sums.expired += event.amount;
          sums.spent += drawnBy(event);
          let balanced = 0n;
          for (const { account, amount } of postingsOf(event)) {
            assert.notEqual(amount, 0n);
            balanced += amount;
            accounts.set(account, (accounts.get(account) ?? 0n) + amount);
          }
          assert.equal(balanced, 0n);
          if (wallet.status === 'none') throw new Error('An event leaves an open wallet');
          assert.ok(event.at >= lastAt, 'time ran backwards');
          lastAt = event.at;
          const balance = balanceOf(wallet, event.at, terms.plans);
          assert.equal(balance.available + sums.spent + sums.expired, sums.added);
          for (const kind of LOT_KINDS) {
            assert.ok(balance[kind] >= 0n, `${kind} below zero`);
            assert.equal(accounts.get(`wallet:${USER}:${kind}`) ?? 0n, balance[kind]);
          }
          for (const lot of wallet.lots) assert.ok(lot.remaining > 0n, `${lot.id} is empty`);
        });
      }),
    );
    // The generator reached every kind of event: the property was not blind.
    expect([...seenTypes].sort()).toEqual([
      'CreditsAdded',
      'CreditsExpired',
      'FlowUnlocked',
      'PromptCharged',
      'WalletOpened',
    ]);
  });

  test('a charge is paid in full: draws + allowance = total, shares = fee', () => {
    const terms = splitTerms();
    holds(
      'a charge is paid in full',
      PROPERTY_RUNS,
      fc.property(arbitraryLife(STEPS_MAX), (steps) => {
        live(steps, terms, (event) => {
          if (event.type !== 'PromptCharged') return;
          const { total, inference, markup, byokFee, creatorFee, creatorShare, platformShare } = event;
          expect(drawnBy(event) + event.allowance).toBe(total);
          expect(inference + markup + byokFee + creatorFee).toBe(total);
          expect(creatorShare + platformShare).toBe(creatorFee);
          expect(creatorFee > 0n && markup > 0n).toBe(false);
          expect(event.draws.every(({ amount }) => amount > 0n)).toBe(true);
        });
      }),
    );
  });

  test('a wallet folded from what was decided is the wallet decided on', () => {
    holds(
      'fold equals decide',
      PROPERTY_RUNS / 4,
      fc.property(arbitraryLife(STEPS_MAX), (steps) => {
        const events: WalletEvent[] = [];
        const wallet = live(steps, TERMS, (event) => events.push(event));
        const { lots, allowance, lastAt, version, grantedPeriod } = openWallet(...events);
        expect(wallet).toMatchObject({ lots, allowance, lastAt, version, grantedPeriod });
        expect(version).toBe(events.length);
      }),
    );
  });
});
