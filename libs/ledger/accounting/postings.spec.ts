import fc from 'fast-check';
import { COHERENT_EVENTS } from '#test/support/ledger/coherent-events.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { FLOW_UNLOCKED, PROMPT_CHARGED } from '#test/support/ledger/posting-table/charges.js';
import { CREATORS_AND_PAYOUTS } from '#test/support/ledger/posting-table/creators.js';
import {
  CREDITS_ADDED,
  CREDITS_EXPIRED,
  CREDITS_REINSTATED,
  CREDITS_REVOKED,
  SUBSCRIPTION_PAID,
} from '#test/support/ledger/posting-table/credits.js';
import { expectedJournal } from '#test/support/ledger/posting-table/expected.js';
import { FLOW_UNLOCK_REFUNDED, PROMPT_REFUNDED } from '#test/support/ledger/posting-table/refunds.js';
import type { Journal, Row } from '#test/support/ledger/posting-table/row.js';
import { holds } from '#test/support/property.js';
import type { LedgerEvent } from '../events.js';
import { postingsOf } from './postings.js';

/** Random events checked of each type. */
const PROPERTY_RUNS = 300;

const journalOf = (event: LedgerEvent): Journal =>
  Object.fromEntries(postingsOf(event).map(({ account, amount }) => [account, amount]));

/** Everything that the table does not list. */
const POSTS_NOTHING = [
  'WalletOpened.v2',
  'WalletClosed.v1',
  'WalletFrozen.v1',
  'WalletUnfrozen.v1',
  'PlanChanged.v1',
  'PlanChangeScheduled.v1',
  'PlanChangeCancelled.v1',
  'CreditsHeld.v1',
  'HoldReleased.v1',
  'PromptCreated.v1',
  'PromptChanged.v1',
  'PromptDeleted.v1',
  'ThresholdsSet.v1',
  'BalanceThresholdCrossed.v1',
  'PaymentRegistered.v1',
  'PayoutDestinationVerified.v1',
  'RateCardPublished.v1',
  'PolicyActivated.v1',
  'PlansPublished.v1',
] as const;

/** By the row of the table in domain rules, section 5. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  CreditsAdded: CREDITS_ADDED,
  CreditsExpired: CREDITS_EXPIRED,
  'CreditsRevoked (r left, s spent, x expired)': CREDITS_REVOKED,
  "CreditsReinstated (s' = s less later refunds)": CREDITS_REINSTATED,
  PromptCharged: PROMPT_CHARGED,
  PromptRefunded: PROMPT_REFUNDED,
  FlowUnlockRefunded: FLOW_UNLOCK_REFUNDED,
  FlowUnlocked: FLOW_UNLOCKED,
  'CreatorPaid, CreatorEarningsReversed, PayoutRequested / Sent / Settled, PayoutFailed':
    CREATORS_AND_PAYOUTS,
  SubscriptionPaid: SUBSCRIPTION_PAID,
};

describe.each(Object.entries(TABLE))('postings of %s', (_row, rows) => {
  test.each(rows)('%s', (_rule, event, journal) => {
    expect(journalOf(event)).toEqual(journal);
    // One posting an account: the journal above lost none.
    expect(postingsOf(event)).toHaveLength(Object.keys(journal).length);
    expect(Object.values(journal).reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
  });
});

describe('events that are not in the table', () => {
  test.each(POSTS_NOTHING)('%s posts nothing', (example) => {
    expect(postingsOf(GOLDEN_EVENTS[example]!)).toEqual([]);
  });

  test('no event is missing above', () => {
    const posting = Object.values(TABLE).flatMap((rows) => rows.map(([, event]) => event.type));
    const silent = POSTS_NOTHING.map((example) => GOLDEN_EVENTS[example]!.type);
    const every = new Set(Object.values(GOLDEN_EVENTS).map(({ type }) => type));
    expect([...new Set([...posting, ...silent])].sort()).toEqual([...every].sort());
    expect(posting.filter((type) => silent.includes(type))).toEqual([]);
  });
});

describe('every event that can be', () => {
  test.each(Object.entries(COHERENT_EVENTS))('%s: sums to zero, as the table says', (type, arbitrary) => {
    holds(
      `postings of ${type}`,
      PROPERTY_RUNS,
      fc.property(arbitrary, (event) => {
        const postings = postingsOf(event);
        expect(postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
        expect(postings.filter(({ amount }) => amount === 0n)).toEqual([]);
        expect(new Set(postings.map(({ account }) => account)).size).toBe(postings.length);
        expect(journalOf(event)).toEqual(expectedJournal(event));
      }),
    );
  });

  test.each(Object.entries(GOLDEN_EVENTS))('the stored example %s sums to zero', (_example, event) => {
    expect(postingsOf(event).reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
    expect(journalOf(event)).toEqual(expectedJournal(event));
  });
});
