import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { UserId } from '#libs/kernel/ids.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { CreditsRevoked } from '#libs/ledger/wallet/events.js';
import { journal } from '#projections/journal/project.js';
import { readBooksSummary, readTrialBalance } from '#projections/journal/queries.js';
import { COHERENT_EVENTS } from '#test/support/ledger/coherent-events.js';
import { expectedJournal } from '#test/support/ledger/posting-table/expected.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

/** Of each type of event. */
const EVENTS_EACH = 12;
const NAMES = [journal.name];
const balance = { available: 0n, held: 0n, monthly: 0n, promo: 0n, refund: 0n, purchased: 0n };

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

/** The journal looks at events alone, so one stream takes them all. */
async function append(events: readonly LedgerEvent[]): Promise<readonly bigint[]> {
  const positions: bigint[] = [];
  for (const [revision, event] of events.entries()) {
    const metadata = encodeMetadata({ principal: 'p', key: `k-${revision}`, bodyHash: 'h', balance });
    const expected = revision === 0 ? 'no_stream' : revision - 1;
    const stored = { id: randomUUID(), ...encodeEvent(event), metadata };
    positions.push(...(await lab.store.append('wallet-u-1', [stored], { expected })).positions);
  }
  return positions;
}

test('the books of events of every type: the table of postings, in balance at every position', async () => {
  const seed = printedSeed('books of every event', EVENTS_EACH);
  const each = Object.values(COHERENT_EVENTS).map((events, i) =>
    fc.sample(events, { numRuns: EVENTS_EACH, seed: seed + i }),
  );
  const events = Array.from({ length: EVENTS_EACH }, (_, i) => each.map((sample) => sample[i]!)).flat();
  const positions = await append(events);
  lab.run({ projections: [journal] });
  await lab.caughtUp(NAMES);

  const sums = new Map<string, bigint>();
  for (const [i, event] of events.entries()) {
    for (const [account, amount] of Object.entries(expectedJournal(event))) {
      sums.set(account, (sums.get(account) ?? 0n) + amount);
    }
    if (i % 50 !== 0 && i !== events.length - 1) continue;
    const { accounts, total } = (await readTrialBalance(lab.pool, { asOf: positions[i]! })).value;
    expect(total).toBe(0n);
    expect(new Map(accounts.map((each) => [each.account, each.balance]))).toEqual(sums);
  }
  const now = (await readTrialBalance(lab.pool)).value;
  expect(now.total).toBe(0n);
  const open = now.accounts.filter((each) => each.account.startsWith('clearing:') && each.balance !== 0n);
  expect((await readBooksSummary(lab.pool)).value).toEqual({ total: 0n, clearingOpen: open.length });
  expect(new Map(now.accounts.map((each) => [each.account, each.balance]))).toEqual(sums);
}, 60_000);

test('closing a wallet of more credits than a column holds stops no one: it is entered in parts', async () => {
  const largest = 10n ** 18n - 1n;
  const closed: CreditsRevoked = {
    type: 'CreditsRevoked',
    userId: UserId.of('u-1'),
    at: 1,
    reason: 'closing',
    lots: Array.from({ length: 30 }, (_, i) => ({
      lotId: `lot-${i}`,
      kind: 'purchased',
      origin: 'purchased',
      amount: largest,
      spent: 0n,
      expired: 0n,
    })),
  };
  await append([closed]);
  lab.run({ projections: [journal] });
  await lab.caughtUp(NAMES);
  expect((await readTrialBalance(lab.pool)).value).toEqual({
    accounts: [
      { account: 'platform:cash', balance: 30n * largest },
      { account: 'wallet:u-1:purchased', balance: -30n * largest },
    ],
    total: 0n,
  });
}, 30_000);
