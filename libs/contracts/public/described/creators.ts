import { SOURCE_KINDS } from '#libs/ledger/creator/events.js';
import { PAYOUT_FAILURE_REASONS } from '#libs/ledger/creator/vocabulary.js';
import { closedWord, credits, openWord, optional, text, time } from '../field.js';
import { OF_CREATOR } from './common.js';

const EARNING = {
  ...OF_CREATOR,
  amount: credits("The creator's share."),
  earnedAt: time('When the run was charged or the flow unlocked.'),
  source: openWord(SOURCE_KINDS, 'What it comes from.'),
  reference: text('Run id of a prompt, flow id of a flow.'),
  sourceEventId: text('Id of the event that it comes from.'),
};

const PAYOUT = {
  ...OF_CREATOR,
  payoutId: text('The payout.'),
  amount: credits('Whole cents: a multiple of 10,000 credits.'),
};

const SENT = { ...PAYOUT, reference: optional(text("The provider's id of the transfer.")) };

/** What creators earn, and how it is paid to them. */
export const CREATOR_EVENTS = {
  'promptflow.creator.paid.v1': {
    summary: 'A creator has earned their share of a run or an unlocked flow.',
    fields: EARNING,
  },
  'promptflow.creator.earnings_reversed.v1': {
    summary: 'A refund has taken an earning back.',
    fields: EARNING,
  },
  'promptflow.payout.destination_verified.v1': {
    summary: "Finance has verified where the creator's money goes. Replaces an earlier destination.",
    fields: {
      ...OF_CREATOR,
      provider: text('Payout provider.'),
      reference: text("The provider's own id of the account, never bank details."),
    },
  },
  'promptflow.payout.requested.v1': {
    summary: 'Earnings are to be paid out.',
    fields: {
      ...PAYOUT,
      provider: text('Payout provider.'),
      destination: text("The provider's id of the account."),
    },
  },
  'promptflow.payout.sent.v1': { summary: 'The provider has been told to pay.', fields: SENT },
  'promptflow.payout.settled.v1': { summary: 'The money has arrived.', fields: SENT },
  'promptflow.payout.failed.v1': {
    summary: 'The payout did not come about. The amount can be paid out again.',
    fields: {
      ...PAYOUT,
      failedFrom: closedWord(['requested', 'sent', 'settled'], 'How far it had come.'),
      reason: openWord(PAYOUT_FAILURE_REASONS, 'Why: a code.'),
    },
  },
} as const;
