import { PaymentId, PromptId } from '#libs/kernel/ids.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { NOVEMBER_END, NOW, opened, USER } from '#test/support/ledger/wallet-builders.js';
import { closedWallet, noWallet, row } from './rows.js';
import type { RefusedCommand } from './table.js';

const change = (plan: 'FREE' | 'PRO') =>
  ({ type: 'ChangePlan', userId: USER, plan, mayGrant: false }) as const;
const cancel = { type: 'CancelPlanChange', userId: USER } as const;
const pay = {
  type: 'PaySubscription',
  userId: USER,
  plan: 'PRO',
  paymentId: PaymentId.of('pay-1'),
  amount: 1n,
  from: NOW,
  until: NOVEMBER_END,
} as const;
const paid: WalletEvent = { ...pay, type: 'SubscriptionPaid', at: NOW };

const plans: readonly RefusedCommand[] = [
  {
    command: 'Change the plan',
    route: 'POST /api/plans/change',
    rows: [
      noWallet(change('FREE')),
      closedWallet([opened('FREE')], change('FREE')),
      row('request.invalid', 'plan is the one the wallet has', [opened('FREE')], change('FREE')),
      row(
        'plan.not_paid',
        'no payment covers it, and the caller may not grant it',
        [opened('FREE')],
        change('PRO'),
      ),
    ],
  },
  {
    command: 'Cancel a change of plan',
    route: 'POST /api/plans/change/cancel',
    rows: [
      noWallet(cancel),
      closedWallet([opened()], cancel),
      row('plan.change_not_scheduled', 'none is scheduled', [opened()], cancel),
    ],
  },
  {
    command: 'Record the payment of a subscription',
    route: 'POST /api/plans/subscription-payments',
    rows: [
      noWallet(pay),
      closedWallet([opened(), paid], pay),
      row('payment.already_credited', 'the payment was recorded before', [opened(), paid], pay),
    ],
  },
];

const prompt = (n: number, sizeBytes: number): WalletEvent => ({
  type: 'PromptCreated',
  userId: USER,
  at: NOW,
  promptId: PromptId.of(`p-${n}`),
  visibility: 'private',
  sizeBytes,
});
/** FREE with its 3 private prompts and its 1 GB used up. */
const full: readonly WalletEvent[] = [opened('FREE'), prompt(1, 999_999_998), prompt(2, 1), prompt(3, 1)];
const create = (n: number, visibility: 'private' | 'public') =>
  ({
    type: 'CreatePrompt',
    userId: USER,
    promptId: PromptId.of(`p-${n}`),
    visibility,
    sizeBytes: 1,
  }) as const;
const publicPrompt: WalletEvent = { ...create(4, 'public'), type: 'PromptCreated', at: NOW, sizeBytes: 0 };
const alter = (n: number, more: object) =>
  ({ type: 'ChangePrompt', userId: USER, promptId: PromptId.of(`p-${n}`), sizeBytes: 2, ...more }) as const;
const remove = { type: 'DeletePrompt', userId: USER, promptId: PromptId.of('p-9') } as const;

const prompts: readonly RefusedCommand[] = [
  {
    command: 'Create a prompt',
    route: 'POST /api/prompts',
    rows: [
      noWallet(create(1, 'private')),
      closedWallet(full, create(1, 'private')),
      row('prompt.already_exists', 'the user has a prompt with this id', full, create(1, 'private')),
      row(
        'plan.private_prompts_exhausted',
        'the plan allows no more private ones',
        full,
        create(5, 'private'),
      ),
      row('plan.storage_exhausted', 'the storage of the plan has no room for it', full, create(5, 'public')),
    ],
  },
  {
    command: 'Change a prompt',
    route: 'PATCH /api/prompts/:id',
    rows: [
      noWallet(alter(9, {})),
      closedWallet([...full, publicPrompt], alter(9, {})),
      row('prompt.not_found', 'the user has no such prompt', [...full, publicPrompt], alter(9, {})),
      row(
        'plan.private_prompts_exhausted',
        'it becomes private, and the plan allows no more of these',
        [...full, publicPrompt],
        alter(4, { visibility: 'private' }),
      ),
      row(
        'plan.storage_exhausted',
        'it grows beyond the storage of the plan',
        [...full, publicPrompt],
        alter(4, {}),
      ),
    ],
  },
  {
    command: 'Delete a prompt',
    route: 'DELETE /api/prompts/:id',
    rows: [
      noWallet(remove),
      closedWallet([opened()], remove),
      row('prompt.not_found', 'the user has no such prompt', [opened()], remove),
    ],
  },
];

export const PLAN_REFUSALS: readonly RefusedCommand[] = [...plans, ...prompts];
