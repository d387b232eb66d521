import { credits, optional, record, text, time } from '../field.js';

/** What every event says of itself. */
export const AT = { at: time('When it happened by the clock of the ledger: the time that statements show.') };

export const OF_USER = { userId: text('Whose wallet it is.'), ...AT };
export const OF_CREATOR = { creatorId: text('User id of the creator.'), ...AT };

const BALANCE = record(
  'What the wallet holds right after the event. The four kinds sum to available + held. Absent when the event does not say.',
  {
    available: credits('Free to be spent.'),
    held: credits('Reserved for runs that have not been settled.'),
    monthly: credits('Granted for this month by the plan.'),
    promo: credits('Given away: bonuses, adjustments.'),
    refund: credits('Refunded, of lots that had lapsed.'),
    purchased: credits('Paid for.'),
    unlimited: optional(
      record('On an unlimited plan alone.', {
        used: credits('What the allowance has covered this period.'),
        fairUse: optional(credits('What it covers at most; without it there is no limit.')),
      }),
    ),
  },
);

/** An event that moves credits of a wallet. */
export const MOVES_CREDITS = { ...OF_USER, balanceAfter: optional(BALANCE) };
