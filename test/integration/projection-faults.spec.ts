import { setTimeout as sleep } from 'node:timers/promises';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { connectClient } from '#libs/platform/postgres.js';
import { PROJECTIONS_ROLE } from '#libs/projection-runner/migrate.js';
import type { Projection } from '#libs/projection-runner/projection.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import type { ProjectionStatus } from '#libs/projection-runner/status.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { balances } from '#projections/balances/project.js';
import { journal } from '#projections/journal/project.js';
import { readTrialBalance } from '#projections/journal/queries.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

const NAMES = ALL_PROJECTIONS.map(({ name }) => name);
let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

async function until(
  status: () => readonly ProjectionStatus[],
  name: string,
  is: (status: ProjectionStatus) => boolean,
): Promise<ProjectionStatus> {
  for (let tries = 0; tries < 500; tries++) {
    const found = status().find((each) => each.name === name)!;
    if (is(found)) return found;
    await sleep(20);
  }
  throw new Error(
    `Projection ${name} did not get there: ${JSON.stringify(status(), (_, v: unknown) => String(v))}`,
  );
}

/** Ends every connection of the runners in the middle of whatever it does. */
const killWriters = () =>
  lab.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'ledger-projection-%' and datname = current_database()`,
  );

test('every event counts once, however often two competing runners are killed in mid-batch', async () => {
  const kills = 50;
  const traffic = new LedgerTraffic(lab.store, { seed: printedSeed('kills in mid-batch', kills), users: 10 });
  let runners = [lab.run({ windowEventsMax: 25 }), lab.run({ windowEventsMax: 25 })];
  for (let kill = 0; kill < kills; kill++) {
    await traffic.mixed(20);
    await sleep(traffic.random() * 40);
    if (traffic.random() < 0.5) await killWriters();
    else {
      const victim = traffic.random() < 0.5 ? 0 : 1;
      await runners[victim]!.stop();
      runners = runners.map((runner, i) => (i === victim ? lab.run({ windowEventsMax: 25 }) : runner));
    }
  }
  await lab.caughtUp();
  const live = await lab.checksums();
  for (const projection of ALL_PROJECTIONS) {
    await rebuildProjection({ url: lab.url, projection, store: lab.store });
  }
  expect(await lab.checksums()).toEqual(live);
}, 120_000);

test('of two runners one leads each projection; the other takes over when it is gone', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 1, users: 2 });
  await traffic.mixed(30);
  const first = lab.run();
  await lab.caughtUp();
  const second = lab.run();
  for (const name of NAMES) await until(second.status, name, ({ state }) => state === 'standby');
  await first.stop();
  await traffic.mixed(30);
  await lab.caughtUp();
  expect(second.status().map(({ state }) => state)).toEqual(NAMES.map(() => 'live'));
}, 30_000);

test('a projection that fails does not hold up the others, says why, and goes on when it can', async () => {
  let broken = true;
  const faulty: Projection = {
    ...journal,
    project: (logged) => {
      if (broken && logged.position > 20n) throw new Error('the journal cannot be written today');
      return journal.project(logged);
    },
  };
  const traffic = new LedgerTraffic(lab.store, { seed: 2, users: 3 });
  await traffic.mixed(100);
  const { status } = lab.run({
    projections: ALL_PROJECTIONS.map((each) => (each === journal ? faulty : each)),
  });
  await lab.caughtUp(NAMES.filter((name) => name !== 'journal'));
  const failing = await until(
    status,
    'journal',
    ({ state, failures }) => state === 'failing' && failures > 1,
  );
  expect(failing.lastError!.message).toBe('the journal cannot be written today');
  expect(failing.position! <= 20n).toBe(true);
  await traffic.mixed(100);
  await lab.caughtUp(NAMES.filter((name) => name !== 'journal'));
  broken = false;
  await lab.caughtUp();
  expect(
    await until(status, 'journal', ({ state, failures }) => state === 'live' && failures === 0),
  ).toMatchObject({
    behindMs: 0,
    lastError: undefined,
  });
}, 60_000);

test.each([
  ['of another log', `update p_balances_1.checkpoint set log_id = 'ffffffff'`, 'ForeignCheckpointError'],
  ['past the head', 'update p_balances_1.checkpoint set position = 999999', 'CheckpointBeyondHeadError'],
])(
  'a checkpoint %s stops its projection by name; a rebuild is the way out',
  async (_, damage, error) => {
    const traffic = new LedgerTraffic(lab.store, { seed: 4, users: 2 });
    await traffic.mixed(50);
    const before = lab.run();
    await lab.caughtUp();
    const rows = await lab.checksums();
    await before.stop();
    await lab.owner.query(damage);
    const { status } = lab.run();
    const stopped = await until(status, 'balances', ({ state }) => state === 'stopped');
    expect(stopped.lastError!.name).toBe(error);
    expect(stopped.lastError!.message).toContain('ledger rebuild balances');
    expect((await until(status, 'journal', ({ state }) => state === 'live')).lastError).toBeUndefined();
    expect(await lab.checksums()).toEqual(rows);
    await rebuildProjection({ url: lab.url, projection: balances, store: lab.store });
    await traffic.mixed(20);
    await lab.caughtUp();
    await until(status, 'balances', ({ state }) => state === 'live');
  },
  60_000,
);

test('an event that this version cannot read stops every projection before it, by name', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 6, users: 2 });
  await traffic.mixed(30);
  const last = await lab.store.head();
  const future = await lab.store.append(
    'wallet-from-the-future',
    [{ id: '00000000-0000-4000-8000-000000000001', type: 'WalletMerged.v9', data: '{}', metadata: '{}' }],
    { expected: 'no_stream' },
  );
  await traffic.mixed(5);
  const { status } = lab.run({ windowEventsMax: 7 });
  for (const name of NAMES) {
    const held = await until(status, name, ({ position, state }) => position === last && state === 'failing');
    expect(held.lastError!.name).toBe('UndecodableEventError');
    expect(held.lastError!.message).toContain(
      `position ${future.positions[0]} (WalletMerged.v9, wallet-from-the-future`,
    );
  }
  await expect(
    rebuildProjection({ url: lab.url, projection: balances, store: lab.store }),
  ).rejects.toMatchObject({ name: 'UndecodableEventError' });
  const { total } = (await readTrialBalance(lab.pool)).value;
  expect(total).toBe(0n);
}, 30_000);

test('rows that do not fit the log are found, not papered over', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 8, users: 1 });
  await traffic.openAll(1_000_000_000n);
  const { status } = lab.run();
  await lab.caughtUp();
  await lab.owner.query('delete from p_balances_1.lots');
  await traffic.charge(1);
  const failing = await until(status, 'balances', ({ state }) => state === 'failing');
  expect(failing.lastError!.message).toMatch(
    /1 keys of lots were to change, 0 rows did.*ledger rebuild balances/,
  );
}, 30_000);

test('the role that writes read models can neither write nor read the log', async () => {
  await migrateEventStore(lab.owner);
  const writer = await connectClient({ url: lab.url, applicationName: 'writer', role: PROJECTIONS_ROLE });
  try {
    for (const statement of [
      'select * from log.events',
      'update log.events set data = data',
      'delete from log.events',
      'truncate log.events',
      'drop table log.events',
      'select log.lock_appends()',
      `insert into log.events (position, recorded_at, revision, id, stream, type, data, metadata)
       values (1, now(), 0, gen_random_uuid(), 'wallet-x', 'X.v1', '{}', '{}')`,
    ]) {
      await expect(writer.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await writer.end();
  }
});
