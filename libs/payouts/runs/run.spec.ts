import { expect, test } from '@jest/globals';
import { ID_PATTERN } from '#libs/kernel/ids.js';
import { judgeCandidate, runPayoutId, type RunCandidate } from './run.js';
import { scheduledRunId, scheduleStart } from './schedule.js';

const rules = { minimum: 10_000_000n, accepts: (provider: string) => provider === 'bank' };
const destination = { provider: 'bank', reference: 'acct-7' };
const creator = (payable: bigint, more: Partial<RunCandidate> = {}): RunCandidate => ({
  creatorId: 'c-7',
  payable,
  destination,
  ...more,
});

test.each<[string, RunCandidate, bigint, string | undefined]>([
  ['whole cents, the rest carried', creator(12_345_678n), 1_234n, undefined],
  ['exactly the minimum', creator(10_000_000n), 1_000n, undefined],
  ['negative', creator(-1n), 0n, 'negative'],
  ['a credit below the minimum', creator(9_999_999n), 0n, 'below_minimum'],
  ['owed, and nowhere to send it', { creatorId: 'c-7', payable: 20_000_000n }, 0n, 'no_destination'],
  ['what is owed is judged first', { creatorId: 'c-7', payable: 1n }, 0n, 'below_minimum'],
  [
    'an account of another provider',
    creator(20_000_000n, { destination: { provider: 'stripe', reference: 'acct_1' } }),
    0n,
    'provider_not_configured',
  ],
])('%s', (_what, candidate, amountCents, exclusion) => {
  expect(judgeCandidate(candidate, rules)).toEqual({
    amountCents,
    ...(exclusion === undefined ? {} : { exclusion }),
  });
});

test('a payout of a run is an id, whatever the creator is called, and another one for each creator', () => {
  expect(runPayoutId('monthly-2026-11-01', 'c-7')).toBe('run-monthly-2026-11-01-c-7');
  const [long, other] = ['x'.repeat(128), `${'x'.repeat(127)}y`].map((id) =>
    runPayoutId('monthly-2026-11-01', id),
  );
  expect(long).toMatch(ID_PATTERN);
  expect(long).not.toBe(other);
});

test.each([
  ['daily', '2026-11-20T23:59:59.999Z', 'daily-2026-11-20'],
  ['daily', '2026-11-21T00:00:00.000Z', 'daily-2026-11-21'],
  ['weekly', '2026-11-15T23:59:59.999Z', 'weekly-2026-11-09'],
  ['weekly', '2026-11-16T00:00:00.000Z', 'weekly-2026-11-16'],
  ['monthly', '2026-11-30T23:59:59.999Z', 'monthly-2026-11-01'],
  ['monthly', '2028-02-29T12:00:00.000Z', 'monthly-2028-02-01'],
] as const)('the %s run at %s is %s', (schedule, time, runId) => {
  expect(scheduledRunId(schedule, scheduleStart(schedule, Date.parse(time)))).toBe(runId);
});
