import { LOT_KINDS, LOT_ORIGINS, PROMO_REASONS, REVOKE_REASONS } from '#libs/ledger/wallet/vocabulary.js';
import { credits, openWord, optional, record, text, time } from '../field.js';
import { MOVES_CREDITS, OF_USER } from './common.js';

const LOT = {
  lotId: text('The lot: credits that came together and lapse together.'),
  kind: openWord(LOT_KINDS, 'How the credits are spent and shown.'),
  origin: openWord(LOT_ORIGINS, 'Where they came from.'),
};

/** Credits that come and go without a run. */
export const CREDITS_EVENTS = {
  'promptflow.credits.added.v1': {
    summary: 'Credits were bought, granted by a plan, given or carried over.',
    fields: {
      ...MOVES_CREDITS,
      ...LOT,
      amount: credits('How many.'),
      reason: optional(openWord(PROMO_REASONS, 'Why credits were given.')),
      reference: optional(text('Payment id of a purchase, or what the caller keeps of it.')),
      paymentId: optional(text('Of a purchase.')),
      expiresAt: optional(time('When they lapse; without it they do not.')),
      paid: optional(
        record('What a purchase cost, when it is known.', {
          currency: text('ISO 4217.'),
          minorUnits: credits('In the smallest unit of the currency, net of tax, as decimal digits.'),
        }),
      ),
    },
  },
  'promptflow.credits.expired.v1': {
    summary: 'What was left of a lot has lapsed.',
    fields: { ...MOVES_CREDITS, ...LOT, amount: credits('How many.') },
  },
  'promptflow.credits.revoked.v1': {
    summary: 'Credits were taken back: their payment was returned, or they should not have been given.',
    fields: {
      ...MOVES_CREDITS,
      reason: openWord(REVOKE_REASONS, 'Why.'),
      paymentId: optional(text('The payment that was returned.')),
      amount: credits('What was left of them and is gone now.'),
      spent: credits('What of them had been spent: it stays uncollected.'),
      expired: credits('What of them had lapsed before.'),
    },
  },
  'promptflow.credits.reinstated.v1': {
    summary: 'A dispute was won: credits that had been taken back are there again.',
    fields: {
      ...MOVES_CREDITS,
      paymentId: text('The payment that was disputed.'),
      amount: credits('What is in the wallet again.'),
      spent: credits('What had been spent and is no longer uncollected.'),
      expired: credits('What had lapsed before and stays lapsed.'),
    },
  },
  'promptflow.balance.threshold_crossed.v1': {
    summary: 'The wallet has less than a threshold that its user set: once each time it falls below.',
    fields: {
      ...OF_USER,
      threshold: credits('The threshold.'),
      available: credits('What is free to be spent now.'),
    },
  },
} as const;
