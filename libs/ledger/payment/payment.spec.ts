import { PaymentId, UserId } from '#libs/kernel/ids.js';
import { pastOf } from '#test/support/ledger/given.js';
import { NOW } from '#test/support/ledger/wallet-builders.js';
import {
  decidePayment,
  evolvePayment,
  NO_PAYMENT,
  type PaymentEvent,
  type RegisterPayment,
} from './payment.js';

const register = (more: Partial<RegisterPayment> = {}): RegisterPayment => ({
  type: 'RegisterPayment',
  paymentId: PaymentId.of('pay-1'),
  userId: UserId.of('u-1'),
  amount: 700n,
  ...more,
});
const registered: PaymentEvent = {
  type: 'PaymentRegistered',
  paymentId: PaymentId.of('pay-1'),
  userId: UserId.of('u-1'),
  amount: 700n,
  at: NOW,
};
const context = { now: NOW, commandId: '', past: pastOf([]) };
const claimed = evolvePayment(NO_PAYMENT, registered);

describe('a payment id is claimed once', () => {
  test('the first claim is recorded with user and amount', () => {
    expect(decidePayment(NO_PAYMENT, register(), context)).toEqual({
      kind: 'accepted',
      events: [registered],
    });
  });

  test('the same user and amount again: accepted, nothing to record', () => {
    expect(decidePayment(claimed, register(), context)).toEqual({ kind: 'accepted', events: [] });
  });

  test.each([
    ['another user', { userId: UserId.of('u-2') }],
    ['another amount', { amount: 701n }],
    ['both', { userId: UserId.of('u-2'), amount: 1n }],
  ])('%s: payment.already_credited', (_what, more) => {
    expect(decidePayment(claimed, register(more), context)).toEqual({
      kind: 'refused',
      refusal: { code: 'payment.already_credited' },
    });
  });

  test('a second registration in the stream is a fault', () => {
    expect(() => evolvePayment(claimed, registered)).toThrow('Payment pay-1 is registered a second time');
  });
});
