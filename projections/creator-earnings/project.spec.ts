import {
  failed,
  paid,
  requested,
  sent,
  settled,
  takenBack,
  verified,
} from '#test/support/ledger/creator-builders.js';
import { NOW, utc } from '#test/support/ledger/wallet-builders.js';
import { charged, logged } from '#test/support/logged-event.js';
import type { CreatorEvent, CreatorPaid } from '#libs/ledger/creator/events.js';
import type { Row } from '#libs/projection-runner/projection.js';
import { creatorEarnings } from './project.js';
import { dayRows, earningsRows, NO_EARNINGS, payoutRows } from './tables.js';

const NOVEMBER = utc('2026-11-01T00:00:00.000');
const TODAY = utc('2026-11-20T00:00:00.000');
const EARNED_AT = NOW - 1_000;

/** What projecting the event adds to each table. */
function rowsOf(event: CreatorEvent): Readonly<Record<string, readonly Row[]>> {
  const rows: Record<string, Row[]> = {};
  for (const { table, row } of creatorEarnings.project(logged(event, { recordedAt: NOW }))) {
    (rows[table.name] ??= []).push(row);
  }
  return rows;
}

/** Amounts that move in November, by kind. */
const movementsOf = (event: CreatorEvent) =>
  Object.fromEntries(
    (rowsOf(event)['creator_movements'] ?? []).map((row) => {
      expect(row).toMatchObject({ creatorId: 'c-1', monthMs: NOVEMBER, count: 1 });
      return [String(row['kind']), row['amount']] as const;
    }),
  );

const nothing = { ...NO_EARNINGS, creatorId: 'c-1' };

test('a share of a charge or unlock is earned on its day and in its month', () => {
  const event = paid(9n, 80n) as CreatorPaid;
  const earned = { ...nothing, earned: 80n, firstEarnedAtMs: EARNED_AT, lastEarnedAtMs: EARNED_AT };
  expect(rowsOf(event)).toMatchObject({
    creator_earnings: [{ ...earned, promptSources: 1 }],
    creator_days: [{ creatorId: 'c-1', dayMs: TODAY, earned: 80n, reversed: 0n }],
  });
  expect(movementsOf(event)).toEqual({ owed: 80n, earned_prompt: 80n, funded_purchased: 80n });
  const flow: CreatorPaid = {
    ...event,
    source: { ...event.source, kind: 'flow' },
    funding: { ...event.funding, purchased: 50n, uncollected: 30n },
  };
  expect(rowsOf(flow)['creator_earnings']).toEqual([{ ...earned, flowSources: 1 }]);
  expect(movementsOf(flow)).toEqual({
    owed: 80n,
    earned_flow: 80n,
    funded_purchased: 50n,
    funded_uncollected: 30n,
  });
});

test('a reversal is taken from the day on which it was earned, in the month in which it comes', () => {
  const event = takenBack(9n, 80n, utc('2026-10-03T10:00:00.000'));
  expect(rowsOf(event)).toMatchObject({
    creator_earnings: [{ ...nothing, reversed: 80n }],
    creator_days: [{ creatorId: 'c-1', dayMs: utc('2026-10-03T00:00:00.000'), earned: 0n, reversed: 80n }],
  });
  expect(movementsOf(event)).toEqual({ owed: -80n, reversed_prompt: 80n });
});

test('a payout moves from owed to in payout to paid, and back from where it failed', () => {
  expect(movementsOf(requested(500n))).toEqual({ owed: -500n, in_payout: 500n, payout_requested: 500n });
  expect(movementsOf(sent(500n))).toEqual({ payout_sent: 500n });
  expect(movementsOf(settled(500n))).toEqual({ in_payout: -500n, paid: 500n, payout_settled: 500n });
  expect(movementsOf(failed(500n, 'requested'))).toEqual({
    owed: 500n,
    in_payout: -500n,
    payout_failed_requested: 500n,
  });
  expect(movementsOf(failed(500n, 'sent'))).toMatchObject({ owed: 500n, in_payout: -500n });
  expect(movementsOf(failed(500n, 'settled'))).toEqual({
    owed: 500n,
    paid: -500n,
    payout_failed_settled: 500n,
  });
  expect(rowsOf(sent(500n))['creator_earnings']).toBeUndefined();
  expect(rowsOf(settled(500n))['creator_earnings']).toEqual([{ ...nothing, inPayout: -500n, paid: 500n }]);
});

test('the events of a payout in one batch make one row, with all they say', () => {
  const rows = [
    requested(500n),
    sent(500n, { at: NOW + 1, reference: 'tr-1' }),
    settled(500n, { at: NOW + 2 }),
    failed(500n, 'settled', { at: NOW + 3 }),
  ].map((event) => rowsOf(event)['creator_payouts']![0]!);
  expect(rows.reduce((earlier, later) => payoutRows.combine(earlier, later))).toEqual({
    creatorId: 'c-1',
    payoutId: 'payout-1',
    position: 42n,
    amount: 500n,
    state: 'failed',
    provider: 'bank',
    destination: 'acct-1',
    requestedAtMs: NOW,
    sentAtMs: NOW + 1,
    settledAtMs: NOW + 2,
    failedAtMs: NOW + 3,
    reference: 'tr-1',
    failedFrom: 'settled',
    reason: 'returned',
  });
});

test('a destination replaces the one before and earns nothing', () => {
  expect(rowsOf(verified())).toEqual({
    creator_earnings: [{ ...nothing, destinationProvider: 'bank', destinationReference: 'acct-1' }],
  });
  const [first, second] = [verified(), verified({ reference: 'acct-2' })].map(
    (event) => rowsOf(event)['creator_earnings']![0]!,
  );
  expect(earningsRows.combine(first!, second!)).toMatchObject({ destinationReference: 'acct-2' });
  expect(earningsRows.combine(second!, { ...nothing, earned: 1n })).toMatchObject({
    destinationReference: 'acct-2',
  });
});

test('a charge by itself earns nothing yet', () => {
  expect(creatorEarnings.project(logged(charged))).toEqual([]);
});

test('what is earned in a batch is summed', () => {
  const earlier = { ...nothing, earned: 80n, promptSources: 1, firstEarnedAtMs: 1, lastEarnedAtMs: 4 };
  const later = { ...nothing, earned: 7n, flowSources: 1, firstEarnedAtMs: 3, lastEarnedAtMs: 3 };
  const sum = { earned: 87n, promptSources: 1, flowSources: 1, firstEarnedAtMs: 1, lastEarnedAtMs: 4 };
  expect(earningsRows.combine(earlier, later)).toEqual({ ...nothing, ...sum });
  expect(earningsRows.combine(later, nothing)).toEqual(later);
  const day = { creatorId: 'c-1', dayMs: TODAY, earned: 5n, reversed: 1n };
  expect(dayRows.combine(day, day)).toEqual({ ...day, earned: 10n, reversed: 2n });
});
