import { PaymentId } from '#libs/kernel/ids.js';
import type { CreditsReinstated, CreditsRevoked, LotRevoked } from '#libs/ledger/wallet/events.js';
import {
  LOT_KINDS,
  type LotKind,
  type LotOrigin,
  type RevokeReason,
} from '#libs/ledger/wallet/vocabulary.js';
import { added, draw, expired, NOVEMBER_END, NOW, USER } from '../wallet-builders.js';
import type { Row } from './row.js';

/** Of one lot: r left, s spent, x expired. */
const lot = (
  lotId: string,
  kind: LotKind,
  [amount, spent, lapsed]: readonly [r: bigint, s: bigint, x: bigint],
  origin?: LotOrigin,
): LotRevoked => ({ ...draw(lotId, kind, amount, origin), spent, expired: lapsed });

const revoked = (reason: RevokeReason, ...lots: readonly LotRevoked[]): CreditsRevoked => ({
  type: 'CreditsRevoked',
  userId: USER,
  at: NOW,
  reason,
  ...(reason === 'correction' || reason === 'closing' ? {} : { paymentId: PaymentId.of('pay-1') }),
  lots,
});

const reinstated = (...lots: readonly LotRevoked[]): CreditsReinstated => ({
  type: 'CreditsReinstated',
  userId: USER,
  at: NOW,
  paymentId: PaymentId.of('pay-1'),
  lots,
});

export const CREDITS_ADDED: readonly Row[] = [
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
  ...LOT_KINDS.map((kind): Row => [
    `a legacy opening balance, ${kind}`,
    added('a', kind, 7n, { origin: 'legacy' }),
    { [`wallet:u-1:${kind}`]: 7n, 'platform:opening': -7n },
  ]),
];

export const CREDITS_EXPIRED: readonly Row[] = [
  [
    'what was bought is breakage',
    expired('a', 'purchased', 7n, NOW),
    { 'wallet:u-1:purchased': -7n, 'revenue:breakage': 7n },
  ],
  [
    'a monthly lot',
    expired('a', 'monthly', 7n, NOW),
    { 'wallet:u-1:monthly': -7n, 'platform:allowance_expense': 7n },
  ],
  ['a promotion', expired('a', 'promo', 7n, NOW), { 'wallet:u-1:promo': -7n, 'platform:promo_expense': 7n }],
  [
    'an adjustment',
    expired('a', 'promo', 7n, NOW, 'adjustment'),
    { 'wallet:u-1:promo': -7n, 'platform:adjustments': 7n },
  ],
  [
    'a legacy lot',
    expired('a', 'purchased', 7n, NOW, 'legacy'),
    { 'wallet:u-1:purchased': -7n, 'platform:opening': 7n },
  ],
  ...(
    [
      ['purchased', 'revenue:breakage'],
      ['monthly', 'platform:allowance_expense'],
      ['promo', 'platform:promo_expense'],
      ['adjustment', 'platform:adjustments'],
      ['legacy', 'platform:opening'],
    ] as const
  ).map(([origin, account]): Row => [
    `a refund lot goes by its origin, ${origin}`,
    expired('a', 'refund', 7n, NOW, origin),
    { 'wallet:u-1:refund': -7n, [account]: 7n },
  ]),
];

export const CREDITS_REVOKED: readonly Row[] = [
  ...(['chargeback', 'provider_refund', 'fraud'] as const).map((reason): Row => [
    `a payment, ${reason}: r left, s spent, x expired`,
    revoked(reason, lot('a', 'purchased', [70n, 20n, 10n])),
    {
      'wallet:u-1:purchased': -70n,
      'expense:uncollected': -20n,
      'revenue:breakage': -10n,
      'platform:cash': 100n,
    },
  ]),
  [
    'a payment of which everything is spent',
    revoked('chargeback', lot('a', 'purchased', [0n, 100n, 0n])),
    { 'expense:uncollected': -100n, 'platform:cash': 100n },
  ],
  [
    'a payment with the refund lots that came from it',
    revoked(
      'chargeback',
      lot('a', 'purchased', [0n, 60n, 10n]),
      lot('b', 'refund', [20n, 5n, 0n]),
      lot('c', 'refund', [5n, 0n, 0n]),
    ),
    {
      'wallet:u-1:refund': -25n,
      'expense:uncollected': -65n,
      'revenue:breakage': -10n,
      'platform:cash': 100n,
    },
  ],
  [
    'an adjustment corrected: the opposite of it',
    revoked(
      'correction',
      lot('a', 'promo', [7n, 0n, 0n], 'adjustment'),
      lot('b', 'refund', [2n, 0n, 0n], 'adjustment'),
    ),
    { 'wallet:u-1:promo': -7n, 'wallet:u-1:refund': -2n, 'platform:adjustments': 9n },
  ],
  [
    'the purchased remainder of a closing wallet, paid back',
    revoked('closing', lot('a', 'purchased', [70n, 0n, 0n]), lot('b', 'refund', [5n, 0n, 0n])),
    { 'wallet:u-1:purchased': -70n, 'wallet:u-1:refund': -5n, 'platform:cash': 75n },
  ],
  [
    'what was bought in the old system is paid back in money too',
    revoked('closing', lot('a', 'purchased', [70n, 0n, 0n], 'legacy')),
    { 'wallet:u-1:purchased': -70n, 'platform:cash': 70n },
  ],
];

export const CREDITS_REINSTATED: readonly Row[] = [
  [
    "r + s - s' back into the lot, s' no longer uncollected, x breakage again",
    reinstated(lot('a', 'purchased', [78n, 12n, 10n])),
    {
      'wallet:u-1:purchased': 78n,
      'expense:uncollected': 12n,
      'revenue:breakage': 10n,
      'platform:cash': -100n,
    },
  ],
  [
    'refund lots of the payment too',
    reinstated(lot('a', 'purchased', [0n, 60n, 10n]), lot('b', 'refund', [30n, 0n, 0n])),
    {
      'wallet:u-1:refund': 30n,
      'expense:uncollected': 60n,
      'revenue:breakage': 10n,
      'platform:cash': -100n,
    },
  ],
];

export const SUBSCRIPTION_PAID: readonly Row[] = [
  [
    'a plan paid for',
    {
      type: 'SubscriptionPaid',
      userId: USER,
      at: NOW,
      plan: 'PRO',
      paymentId: PaymentId.of('sub-1'),
      amount: 15_000_000n,
      from: NOW,
      until: NOVEMBER_END,
    },
    { 'platform:cash': -15_000_000n, 'revenue:subscription': 15_000_000n },
  ],
];
