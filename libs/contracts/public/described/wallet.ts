import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { FREEZE_REASONS, PLAN_CHANGE_CAUSES, PLAN_COVERAGES } from '#libs/ledger/wallet/vocabulary.js';
import { credits, openWord, optional, text, time } from '../field.js';
import { OF_USER } from './common.js';

const plan = (description: string) => openWord(PLAN_NAMES, description);
const COVERAGE = openWord(
  PLAN_COVERAGES,
  'Why the plan runs: it costs nothing, a subscription was paid, or a service has granted it.',
);

/** A wallet's life, its plan and what was paid for it. */
export const WALLET_EVENTS = {
  'promptflow.wallet.opened.v1': {
    summary: 'A user has a wallet from now on.',
    fields: { ...OF_USER, plan: plan('The plan it begins with.'), coverage: COVERAGE },
  },
  'promptflow.wallet.closed.v1': {
    summary: 'The wallet is closed for good. A late settle, a chargeback or a dispute won may still follow.',
    fields: OF_USER,
  },
  'promptflow.wallet.frozen.v1': {
    summary: 'No runs or unlocks until it is unfrozen.',
    fields: {
      ...OF_USER,
      reason: openWord(FREEZE_REASONS, 'Why.'),
      reference: optional(text('What the caller keeps of the case.')),
    },
  },
  'promptflow.wallet.unfrozen.v1': { summary: 'Runs and unlocks are possible again.', fields: OF_USER },
  'promptflow.plan.changed.v1': {
    summary: 'The wallet runs on another plan from now on.',
    fields: {
      ...OF_USER,
      from: plan('The plan before.'),
      to: plan('The plan now.'),
      cause: openWord(
        PLAN_CHANGE_CAUSES,
        'An upgrade, a change that was scheduled, or a plan no longer paid for.',
      ),
      coverage: COVERAGE,
    },
  },
  'promptflow.plan.change_scheduled.v1': {
    summary: 'The plan will change at the end of the period, unless it is cancelled before.',
    fields: {
      ...OF_USER,
      plan: plan('The plan then.'),
      effectiveAt: time('When the plan changes.'),
    },
  },
  'promptflow.plan.change_cancelled.v1': {
    summary: 'The scheduled change will not take place.',
    fields: { ...OF_USER, plan: plan('The plan that was scheduled.') },
  },
  'promptflow.subscription.paid.v1': {
    summary: 'A paid plan is covered for a time.',
    fields: {
      ...OF_USER,
      plan: plan('The plan that was paid for.'),
      paymentId: text('Of the payment provider.'),
      amount: credits('What was paid, in credits: 1,000,000 are $1.00.'),
      from: time('First moment that is covered.'),
      until: time('First moment that is no longer covered.'),
    },
  },
} as const;
