import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { connectClient } from '#libs/platform/postgres.js';
import type { Projection } from '#libs/projection-runner/projection.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { journal } from '#projections/journal/project.js';
import { transactions } from '#projections/transactions/project.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

const copies = async (name: string): Promise<readonly string[]> => {
  const { rows } = await lab.owner.query<{ nspname: string }>(
    'select nspname from pg_namespace where nspname ~ $1 order by 1',
    [`^p_${name}_[0-9]+$`],
  );
  return rows.map(({ nspname }) => nspname);
};

/** Events that are a transaction each. */
const TRANSACTIONS = new Set([
  'CreditsAdded',
  'CreditsExpired',
  'CreditsRevoked',
  'CreditsReinstated',
  'PromptCharged',
  'PromptRefunded',
  'FlowUnlocked',
  'FlowUnlockRefunded',
  'SubscriptionPaid',
]);

test('rebuilt while events are appended: no reader misses a row or sees an older position', async () => {
  const rebuilds = 6;
  const traffic = new LedgerTraffic(lab.store, {
    seed: printedSeed('rebuild while writing', rebuilds),
    users: 6,
  });
  await traffic.mixed(300);
  lab.run();
  await lab.caughtUp();

  let reading = true;
  const seen: { readonly position: bigint; readonly rows: bigint }[] = [];
  const reader = (async () => {
    while (reading) {
      const { rows } = await lab.pool.query<{ position: string; rows: string }>(
        `select c.position, (select count(*) from read.transactions) as rows from read.transactions_checkpoint c`,
      );
      seen.push({ position: BigInt(rows[0]!.position), rows: BigInt(rows[0]!.rows) });
    }
  })();
  let writing = true;
  const writer = (async () => {
    while (writing) {
      await traffic.mixed(4);
      await sleep(2);
    }
  })();
  for (let i = 0; i < rebuilds; i++) {
    const rebuilt = await rebuildProjection({ url: lab.url, projection: transactions, store: lab.store });
    expect(rebuilt.copy).toBe(i + 2);
    await sleep(50);
  }
  writing = false;
  await writer;
  await lab.caughtUp();
  reading = false;
  await reader;

  // How many rows there must be at each position, from the log alone.
  const rowsAt = new Map<bigint, bigint>([[0n, 0n]]);
  let rows = 0n;
  for (const recorded of await lab.log()) {
    if (TRANSACTIONS.has(decodeEvent(recorded).type)) rows++;
    rowsAt.set(recorded.position, rows);
  }
  expect(seen.length).toBeGreaterThan(50);
  for (const [i, { position, rows: count }] of seen.entries()) {
    expect(count).toBe(rowsAt.get(position));
    expect(position >= (seen[i - 1]?.position ?? 0n)).toBe(true);
  }
  expect(await copies('transactions')).toEqual([`p_transactions_${rebuilds + 1}`]);
}, 60_000);

test('grants and what hangs on a view survive a swap', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 1, users: 2 });
  await traffic.mixed(40);
  lab.run();
  await lab.caughtUp();
  const role = `bi_${lab.store.logId}`;
  await lab.owner.query(`create role ${role}`);
  try {
    await lab.owner.query(`grant usage on schema read to ${role}; grant select on read.accounts to ${role}`);
    await lab.owner.query('create view public.trial as select sum(balance) as total from read.accounts');
    await rebuildProjection({ url: lab.url, projection: journal, store: lab.store });
    await traffic.mixed(20);
    await lab.caughtUp();
    const { rows } = await lab.owner.query<{ allowed: boolean; total: string }>(
      `select has_table_privilege('${role}', 'read.accounts', 'select') as allowed, total from public.trial`,
    );
    expect(rows).toEqual([{ allowed: true, total: '0' }]);
  } finally {
    await lab.owner.query(`drop owned by ${role}; drop role ${role}`);
  }
}, 30_000);

test('code of a higher version rebuilds on start, and its views take over in the swap', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 2, users: 2 });
  await traffic.mixed(60);
  const old = lab.run();
  await lab.caughtUp();
  await old.stop();
  const next: Projection = {
    ...journal,
    version: journal.version + 1,
    viewsSql: journal.viewsSql.replace(
      'select account, balance, entries from',
      'select account, balance, entries, 2 as version from',
    ),
  };
  const projections = ALL_PROJECTIONS.map((each) => (each === journal ? next : each));
  const { stop } = lab.run({ projections });
  await traffic.mixed(10);
  for (let tries = 0; (await copies('journal'))[0] !== 'p_journal_2' && tries < 500; tries++) await sleep(20);
  await lab.caughtUp();
  const { rows } = await lab.pool.query(
    'select distinct version, sum(balance) as total from read.accounts group by 1',
  );
  expect(rows).toEqual([{ version: 2, total: '0' }]);
  await stop();

  // The older program on the newer rows says so and leaves them alone.
  const before = await lab.checksums();
  const older = lab.run();
  for (let tries = 0; tries < 500; tries++) {
    if (older.status().find(({ name }) => name === 'journal')?.state === 'stopped') break;
    await sleep(20);
  }
  const status = older.status().find(({ name }) => name === 'journal')!;
  expect(status.lastError!.name).toBe('NewerProjectionError');
  expect((await lab.checksums())['journal/accounts']).toBe(before['journal/accounts']);
}, 30_000);

test('a rebuild that is given up leaves the old copy, and the next one cleans up', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 3, users: 2 });
  await traffic.mixed(100);
  lab.run();
  await lab.caughtUp();
  const before = await lab.checksums();
  const giveUp = new AbortController();
  await expect(
    rebuildProjection({
      url: lab.url,
      projection: {
        ...journal,
        project: (logged) => {
          giveUp.abort();
          return journal.project(logged);
        },
      },
      store: {
        ...storeOf(lab),
        head: async () => (await lab.store.head()) + 1n,
      },
      signal: giveUp.signal,
    }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(await copies('journal')).toEqual(['p_journal_1', 'p_journal_2']);
  expect(await lab.checksums()).toEqual(before);
  await rebuildProjection({ url: lab.url, projection: journal, store: lab.store });
  expect(await copies('journal')).toEqual(['p_journal_2']);
  expect(await lab.checksums()).toEqual(before);
}, 30_000);

test('a swap waits for a reader that holds the view, and does not end it', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 4, users: 2 });
  await traffic.mixed(60);
  lab.run();
  await lab.caughtUp();
  const reader = await connectClient({
    url: lab.url,
    applicationName: 'slow-reader',
    role: 'ledger_readers',
  });
  try {
    await reader.query('begin');
    const first = await reader.query('select count(*) from read.journal');
    const rebuilding = rebuildProjection({ url: lab.url, projection: journal, store: lab.store });
    await sleep(700);
    const again = await reader.query('select count(*) from read.journal');
    expect(again.rows).toEqual(first.rows);
    await reader.query('commit');
    expect((await rebuilding).copy).toBe(2);
  } finally {
    await reader.end();
  }
}, 30_000);

/** The methods of a store as properties, so that one can be replaced. */
const storeOf = ({ store }: ProjectionLab) => ({
  logId: store.logId,
  append: store.append.bind(store),
  readStream: store.readStream.bind(store),
  readAll: store.readAll.bind(store),
  subscribe: store.subscribe.bind(store),
  head: store.head.bind(store),
  now: store.now.bind(store),
  close: store.close.bind(store),
});
