import { FlowId, RefundId } from '#libs/kernel/ids.js';
import { decidePayment, evolvePayment, NO_PAYMENT } from '#libs/ledger/payment/payment.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { pastOf } from '#test/support/ledger/given.js';
import {
  chargeback,
  flowRefunded,
  held,
  lotRevoked,
  refundFlow,
  reinstate,
  revoked,
} from '#test/support/ledger/run-builders.js';
import {
  added,
  buy,
  COMMAND_ID,
  draw,
  NOW,
  open,
  opened,
  unlock,
  unlocked,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import { closedWallet, frozen, holding, noWallet, row } from './rows.js';
import type { RefusedCommand } from './table.js';

const paid: readonly WalletEvent[] = [opened(), added('a', 'purchased', 9n, { paymentId: 'pay-1' as never })];
const gone = revoked([lotRevoked(draw('a', 'purchased', 9n))]);
const late = { expiresAt: NOW };

const adding: RefusedCommand = {
  command: 'Add credits',
  route: 'POST /api/credits/add',
  rows: [
    noWallet(buy(5n, late)),
    closedWallet(paid, buy(5n, late)),
    row('request.invalid', 'expiresAt does not lie in the future', paid, buy(5n, late)),
    row('payment.already_credited', 'the payment was credited to this wallet before', paid, buy(5n)),
    {
      code: 'payment.already_credited',
      when: 'the payment is that of another user, or had another amount',
      decide: () => {
        const claim = { type: 'RegisterPayment', paymentId: 'pay-1' as never, userId: USER } as const;
        const event = { ...claim, type: 'PaymentRegistered', amount: 1n, at: NOW } as const;
        const context = { now: NOW, commandId: COMMAND_ID, past: pastOf([]) };
        return decidePayment(evolvePayment(NO_PAYMENT, event), { ...claim, amount: 2n }, context);
      },
    },
  ],
};

const correction = { type: 'RevokeCredits', userId: USER, reason: 'correction', amount: 10n } as const;
const revoking: RefusedCommand = {
  command: 'Revoke credits',
  route: 'POST /api/credits/revoke',
  rows: [
    noWallet(chargeback()),
    closedWallet([opened()], correction),
    row('request.invalid', 'reference names no purchase of the wallet', [opened()], chargeback()),
    row(
      'request.invalid',
      'reference names a purchase that is revoked already',
      [...paid, gone],
      chargeback(),
    ),
    row(
      'wallet.insufficient_credits',
      'a correction takes more than is available of adjustments; says needed and available',
      [opened(), added('j', 'promo', 9n, { origin: 'adjustment' }), added('p', 'promo', 9n)],
      correction,
    ),
  ],
};

const reinstating: RefusedCommand = {
  command: 'Reinstate credits',
  route: 'POST /api/credits/reinstate',
  rows: [
    noWallet(reinstate()),
    row('request.invalid', 'reference names no revoked purchase of the wallet', paid, reinstate()),
  ],
};

const own = unlock(99n, { creatorId: USER });
const bought = unlocked(7n, [6n, 1n], [draw('a', 'purchased', 7n)]);
const unlocking: RefusedCommand = {
  command: 'Unlock a flow',
  route: 'POST /api/flows/unlock',
  rows: [
    noWallet(own),
    closedWallet([...holding(9n), bought, frozen], own),
    row('wallet.frozen', 'the wallet is frozen', [...holding(9n), bought, frozen], own),
    row('flow.own_flow', 'the user is its creator', [...holding(9n), bought], own),
    row(
      'flow.already_unlocked',
      'the user has unlocked it before, refunded or not',
      [...holding(9n), bought],
      unlock(99n),
    ),
    row(
      'wallet.insufficient_credits',
      'available is less than the price; says needed and available',
      holding(9n),
      unlock(10n),
    ),
  ],
};

const back = flowRefunded(7n, [6n, 1n], [{ ...draw('a', 'purchased', 7n), into: 'lot' }]);
const otherRefund = refundFlow({ refundId: RefundId.of('refund-2') });
const refunding: RefusedCommand = {
  command: 'Refund a flow',
  route: 'POST /api/flows/refunds',
  rows: [
    noWallet(refundFlow()),
    closedWallet([...holding(9n), bought, back], refundFlow()),
    row(
      'refund.id_used',
      'the refund id was used before, for a run or a flow',
      [...holding(9n), bought, back],
      refundFlow({ flowId: FlowId.of('flow-9') }),
    ),
    row('flow.not_unlocked', 'the user has not unlocked it', holding(9n), refundFlow()),
    row('refund.exceeds_charge', 'it was refunded before', [...holding(9n), bought, back], otherRefund),
  ],
};

const freeze = { type: 'FreezeWallet', userId: USER, reason: 'review' } as const;
const unfreeze = { type: 'UnfreezeWallet', userId: USER } as const;
const close = { type: 'CloseWallet', userId: USER, remainder: 'expire' } as const;
const thresholds = { type: 'SetThresholds', userId: USER, thresholds: [5n] } as const;
const migrate = {
  type: 'MigrateWallet',
  userId: USER,
  plan: 'FREE',
  purchased: 1n,
  monthly: 0n,
  other: 0n,
} as const;

const life: readonly RefusedCommand[] = [
  {
    command: 'Open a wallet',
    route: 'POST /api/wallets',
    rows: [
      row('wallet.already_open', 'the user has one', [opened()], open('PRO', false)),
      row('plan.not_paid', 'a paid plan, and the caller may not grant it', [], open('PRO', false)),
    ],
  },
  {
    command: 'Take a wallet over from the old system',
    route: 'POST /api/wallets/migrations',
    rows: [row('wallet.already_open', 'the user has one', [opened()], migrate)],
  },
  {
    command: 'Freeze a wallet',
    route: 'POST /api/wallets/:userId/freeze',
    rows: [
      noWallet(freeze),
      closedWallet([opened(), frozen], freeze),
      row('wallet.frozen', 'it is frozen already', [opened(), frozen], freeze),
    ],
  },
  {
    command: 'Unfreeze a wallet',
    route: 'POST /api/wallets/:userId/unfreeze',
    rows: [
      noWallet(unfreeze),
      closedWallet([opened()], unfreeze),
      row('request.invalid', 'it is not frozen', [opened()], unfreeze),
    ],
  },
  {
    command: 'Close a wallet',
    route: 'POST /api/wallets/:userId/close',
    rows: [
      noWallet(close),
      closedWallet([opened(), held(0n, [])], close),
      row('wallet.open_holds', 'holds are open', [opened(), held(0n, [])], close),
    ],
  },
  {
    command: 'Set low-balance thresholds',
    route: 'POST /api/wallets/:userId/thresholds',
    rows: [noWallet(thresholds), closedWallet([opened()], thresholds)],
  },
];

export const CREDIT_REFUSALS: readonly RefusedCommand[] = [
  adding,
  revoking,
  reinstating,
  unlocking,
  refunding,
  ...life,
];
