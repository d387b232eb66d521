import type { NoteData, NoteKind } from '../kinds.js';
import { countText, creditsText, dayText, type Text, timeText } from './text.js';

type Texts = { readonly [Kind in NoteKind]: (data: NoteData[Kind]) => Text };

/** What is said of a code that this version has no words for: later versions may write others. */
const say = (words: Readonly<Record<string, string>>, code: string): string => words[code] ?? code;

const ORIGINS = {
  purchased: 'bought',
  promo: 'a gift',
  adjustment: 'an adjustment',
};

const PLAN_CAUSES = {
  upgrade: 'You have upgraded your plan.',
  scheduled: 'The change that was scheduled has taken effect.',
  unpaid: 'No payment covers the new period, so your wallet goes on with the plan that costs nothing.',
};

const PAYOUT_FAILURES = {
  rejected: 'the provider has rejected it',
  returned: 'the bank has returned it',
  account_invalid: 'the account cannot receive it',
  cancelled: 'it was cancelled',
  fraud: 'it was stopped by a check',
  other: 'the provider gave no reason',
};

const WEBHOOK_ENDS = {
  failing: 'No message has reached it for 5 days.',
  gone: 'Its server has answered that it is gone (410).',
};

const lapsing = (expiresAt: string | undefined): Text['facts'] =>
  expiresAt === undefined ? [] : [['Use them before', timeText(expiresAt)]];

/** Texts of all kinds in English. */
export const ENGLISH: Texts = {
  low_balance: ({ threshold, available }) => ({
    title: `Your balance is below ${creditsText(threshold)}`,
    paragraphs: [
      'Runs are refused when your credits do not cover them. Add credits to go on without a break.',
    ],
    facts: [
      ['Available now', creditsText(available)],
      ['Your threshold', creditsText(threshold)],
    ],
  }),
  credits_added: ({ amount, origin, available, expiresAt }) => ({
    title: `${creditsText(amount)} added`,
    paragraphs: [`Your wallet has received ${creditsText(amount)}.`],
    facts: [
      ['Kind', say(ORIGINS, origin)],
      ...(available === undefined ? [] : [['Available now', creditsText(available)] as const]),
      ...lapsing(expiresAt),
    ],
  }),
  monthly_credits: ({ amount, expiresAt }) => ({
    title: `Your plan’s ${creditsText(amount)} for this month are here`,
    paragraphs: ['They are spent before any other credits.'],
    facts: lapsing(expiresAt),
  }),
  credits_expiring: ({ amount, expiresAt }) => ({
    title: `${creditsText(amount)} lapse on ${dayText(expiresAt)}`,
    paragraphs: ['Credits that lapse first are spent first.'],
    facts: [
      ['Lapsing', creditsText(amount)],
      ['Use them before', timeText(expiresAt)],
    ],
  }),
  plan_changed: ({ from, to, cause }) => ({
    title: `Your plan is now ${to}`,
    paragraphs: [say(PLAN_CAUSES, cause)],
    facts: [
      ['Before', from],
      ['Now', to],
    ],
  }),
  flow_unlocked: ({ flowId, price }) => ({
    title: `Flow ${flowId} is unlocked`,
    paragraphs: ['It is yours to use from now on.'],
    facts: [['Price', creditsText(price)]],
  }),
  flow_sold: ({ flowId, amount }) => ({
    title: `Your flow ${flowId} was unlocked`,
    paragraphs: ['Somebody has bought your flow.'],
    facts: [['Your share', creditsText(amount)]],
  }),
  creator_earnings: ({ day, earned, runs, flows, reversed, refunds }) => ({
    title: `You have earned ${creditsText(earned)} on ${dayText(day)}`,
    paragraphs: [`From ${countText(runs, 'run')} of your prompts and ${countText(flows, 'unlocked flow')}.`],
    facts: [
      ['Earned', creditsText(earned)],
      ...(refunds === 0
        ? []
        : [[`Taken back by ${countText(refunds, 'refund')}`, creditsText(reversed)] as const]),
    ],
  }),
  payout_sent: ({ payoutId, amount }) => ({
    title: `Your payout of ${creditsText(amount)} is on its way`,
    paragraphs: ['The payment provider has been told to pay. Until it arrives a few days may pass.'],
    facts: [['Payout', payoutId]],
  }),
  payout_failed: ({ payoutId, amount, reason }) => ({
    title: `Your payout of ${creditsText(amount)} has failed`,
    paragraphs: [
      `Nothing is lost: the amount can be paid out again. What happened: ${say(PAYOUT_FAILURES, reason)}.`,
    ],
    facts: [['Payout', payoutId]],
  }),
  webhook_disabled: ({ endpointId, url, reason }) => ({
    title: 'A webhook of yours was switched off',
    paragraphs: [
      `${say(WEBHOOK_ENDS, reason)} Nothing more is sent to it until you switch it on again.`,
      'What happened meanwhile can be read from your statement.',
    ],
    facts: [
      ['Webhook', endpointId],
      ['Address', url],
    ],
  }),
  announcement: ({ title, body }) => ({ title, paragraphs: body.split(/\n{2,}/), facts: [] }),
};
