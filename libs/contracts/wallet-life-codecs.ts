import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import type {
  PlanChangeCancelled,
  PlanChanged,
  PlanChangeScheduled,
  SubscriptionPaid,
  WalletClosed,
  WalletFrozen,
  WalletOpened,
  WalletUnfrozen,
} from '#libs/ledger/wallet/events.js';
import { FREEZE_REASONS, PLAN_CHANGE_CAUSES, PLAN_COVERAGES } from '#libs/ledger/wallet/vocabulary.js';
import type { Codecs } from './codec.js';
import { timeText } from './fields.js';
import { decodeHead, encodeHead } from './wallet-fields.js';

export const walletLifeCodecs: Codecs<WalletOpened | WalletClosed | WalletFrozen | WalletUnfrozen> = {
  WalletOpened: {
    storedType: 'WalletOpened.v2',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      plan: event.plan,
      planTable: event.planTable,
      planTableVersion: event.planTableVersion,
      coverage: event.coverage,
    }),
    decode: (fields) => ({
      type: 'WalletOpened',
      ...decodeHead(fields),
      plan: fields.oneOf('plan', PLAN_NAMES),
      planTable: fields.text('planTable'),
      planTableVersion: fields.integer('planTableVersion'),
      coverage: fields.oneOf('coverage', PLAN_COVERAGES),
    }),
  },
  WalletClosed: {
    storedType: 'WalletClosed.v1',
    encode: encodeHead,
    decode: (fields) => ({ type: 'WalletClosed', ...decodeHead(fields) }),
  },
  WalletFrozen: {
    storedType: 'WalletFrozen.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      reason: event.reason,
      reference: event.reference,
    }),
    decode: (fields) => ({
      type: 'WalletFrozen',
      ...decodeHead(fields),
      reason: fields.oneOf('reason', FREEZE_REASONS),
      ...(fields.has('reference') ? { reference: fields.text('reference') } : {}),
    }),
  },
  WalletUnfrozen: {
    storedType: 'WalletUnfrozen.v1',
    encode: encodeHead,
    decode: (fields) => ({ type: 'WalletUnfrozen', ...decodeHead(fields) }),
  },
};

export const planCodecs: Codecs<SubscriptionPaid | PlanChanged | PlanChangeScheduled | PlanChangeCancelled> =
  {
    SubscriptionPaid: {
      storedType: 'SubscriptionPaid.v1',
      encode: (event) => ({
        userId: event.userId,
        at: timeText(event.at),
        plan: event.plan,
        paymentId: event.paymentId,
        amount: event.amount.toString(),
        from: timeText(event.from),
        until: timeText(event.until),
      }),
      decode: (fields) => ({
        type: 'SubscriptionPaid',
        ...decodeHead(fields),
        plan: fields.oneOf('plan', PLAN_NAMES),
        paymentId: fields.text('paymentId'),
        amount: fields.amount('amount'),
        from: fields.time('from'),
        until: fields.time('until'),
      }),
    },
    PlanChanged: {
      storedType: 'PlanChanged.v1',
      encode: (event) => ({
        userId: event.userId,
        at: timeText(event.at),
        from: event.from,
        to: event.to,
        cause: event.cause,
        coverage: event.coverage,
        planTable: event.planTable,
        planTableVersion: event.planTableVersion,
      }),
      decode: (fields) => ({
        type: 'PlanChanged',
        ...decodeHead(fields),
        from: fields.oneOf('from', PLAN_NAMES),
        to: fields.oneOf('to', PLAN_NAMES),
        cause: fields.oneOf('cause', PLAN_CHANGE_CAUSES),
        coverage: fields.oneOf('coverage', PLAN_COVERAGES),
        planTable: fields.text('planTable'),
        planTableVersion: fields.integer('planTableVersion'),
      }),
    },
    PlanChangeScheduled: {
      storedType: 'PlanChangeScheduled.v1',
      encode: (event) => ({
        userId: event.userId,
        at: timeText(event.at),
        plan: event.plan,
        effectiveAt: timeText(event.effectiveAt),
      }),
      decode: (fields) => ({
        type: 'PlanChangeScheduled',
        ...decodeHead(fields),
        plan: fields.oneOf('plan', PLAN_NAMES),
        effectiveAt: fields.time('effectiveAt'),
      }),
    },
    PlanChangeCancelled: {
      storedType: 'PlanChangeCancelled.v1',
      encode: (event) => ({ userId: event.userId, at: timeText(event.at), plan: event.plan }),
      decode: (fields) => ({
        type: 'PlanChangeCancelled',
        ...decodeHead(fields),
        plan: fields.oneOf('plan', PLAN_NAMES),
      }),
    },
  };
