import { HoldId } from '#libs/kernel/ids.js';
import { charged, CREATOR, draw, unlocked, USER } from '../wallet-builders.js';
import type { Row } from './row.js';

const fee = {
  creatorId: CREATOR,
  markup: 0n,
  creatorFee: 1_000n,
  creatorShare: 800n,
  platformShare: 200n,
  total: 31_000n,
};

export const PROMPT_CHARGED: readonly Row[] = [
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
  ['a charge of nothing posts nothing', charged([], { inference: 0n, markup: 0n, total: 0n }), {}],
  [
    'an own prompt names its creator and posts nothing to them',
    charged([draw('a', 'promo', 33_000n)], { creatorId: USER }),
    { 'wallet:u-1:promo': -33_000n, 'revenue:inference': 30_000n, 'revenue:markup': 3_000n },
  ],
  [
    'a settled hold that nothing was left to pay for in full',
    charged([draw('a', 'promo', 1_000n)], {
      ...fee,
      allowance: 20_000n,
      holdId: HoldId.of('hold-1'),
      uncollected: 10_000n,
    }),
    {
      'wallet:u-1:promo': -1_000n,
      'platform:allowance_expense': -20_000n,
      'expense:uncollected': -10_000n,
      'revenue:inference': 30_000n,
      'revenue:creator_fee_share': 200n,
      'clearing:creator:c-1': 800n,
    },
  ],
];

export const FLOW_UNLOCKED: readonly Row[] = [
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
  [
    'a fee too small for a platform share',
    unlocked(4n, [4n, 0n], [draw('a', 'promo', 4n)]),
    { 'wallet:u-1:promo': -4n, 'clearing:creator:c-1': 4n },
  ],
];
