import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Pool } from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { CatchingUpFault, type Done, type Outcome } from '#libs/application/outcome.js';
import { OutcomesReader } from '#libs/application/outcomes-reader.js';
import { SnapshotKeeper } from '#libs/application/snapshots/snapshot-keeper.js';
import { walletDefinition } from '#libs/application/write-path.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { RunId } from '#libs/kernel/ids.js';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { PostgresSnapshots } from '#libs/platform/snapshots.js';
import { waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { prepareReadModels } from '#libs/projection-runner/prepare.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import { runProjections } from '#libs/projection-runner/run-projections.js';
import { commandOutcomes } from '#projections/command-outcomes/project.js';
import { commandOutcomesLookup } from '#projections/command-outcomes/queries.js';
import {
  codeOf,
  OPEN_TERMS,
  replyText,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { charge, give, open, tokens } from '#test/support/ledger/wallet-builders.js';
import { SILENT } from '#test/support/projection-lab.js';

const RUNS = 150;
/** Small, so that a wallet of some hundred events is a long one. */
const EVERY_EVENTS = 40;
const WINDOW_ENTRIES = 30;
const CAUGHT_UP_MS = 20_000;

const run = (i: number) => charge({ runId: RunId.of(`run-${i}`), model: 'mixtral-8x7b', tokens: tokens(10) });

/** One database with log, snapshots and the projection of outcomes, and processes that come and go. */
class LongLab {
  private readonly stops: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly url: string,
    readonly store: EventStore,
    readonly pool: Pool,
    readonly owner: Client,
  ) {}

  static async open(): Promise<LongLab> {
    const database = await createTestDatabase();
    const { url } = database;
    await migrateAll(url);
    const store = await openPostgresEventStore({ url });
    const pool = createPool({ url, applicationName: 'long-streams', max: 4 });
    const owner = await connectClient({ url, applicationName: 'long-streams-owner' });
    const lab = new LongLab(url, store, pool, owner);
    lab.stops.push(
      () => database.drop(),
      () => store.close(),
      () => pool.end(),
      () => owner.end(),
    );
    return lab;
  }

  /** The views, with an empty copy behind them. */
  prepare(projection = commandOutcomes): Promise<void> {
    return prepareReadModels({ url: this.url, store: this.store, projections: [projection] });
  }

  /** Follows the log in small batches, which cut commands in two, until stopped. */
  project(projection = commandOutcomes): () => Promise<void> {
    const stopping = new AbortController();
    const { ended } = runProjections({
      url: this.url,
      store: this.store,
      projections: [projection],
      log: SILENT,
      signal: stopping.signal,
      windowEventsMax: 7,
      coalesceMs: 1,
      coalesceMsMax: 2,
    });
    const stop = async (): Promise<void> => {
      stopping.abort();
      await ended;
    };
    this.stops.push(stop);
    return stop;
  }

  async caughtUp(): Promise<void> {
    const head = await this.store.head();
    expect(await waitForPosition(this.pool, commandOutcomes.name, head, CAUGHT_UP_MS)).toBe(true);
  }

  /** A process that starts now; it asks for outcomes where `outcomes` leads. */
  start(outcomes: Pool = this.pool): WalletProcess {
    const codec = walletDefinition(() => OPEN_TERMS).snapshot!;
    const { store, pool } = this;
    const process = new WalletProcess(store, {
      long: {
        outcomes: new OutcomesReader(commandOutcomesLookup(outcomes, store), 0),
        snapshots: new SnapshotKeeper({
          store: new PostgresSnapshots(pool),
          codec,
          logId: store.logId,
          everyEvents: EVERY_EVENTS,
        }),
        windowEntries: WINDOW_ENTRIES,
      },
    });
    this.stops.push(() => process.executor.close());
    return process;
  }

  async close(): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
  }
}

let lab: LongLab;
beforeEach(async () => {
  lab = await LongLab.open();
});
afterEach(() => lab.close());

/** Opens the wallet and charges runs `from` to `to`; the first results. */
async function chargeRuns(process: WalletProcess, from: number, to: number): Promise<Done[]> {
  const firsts: Done[] = [];
  for (let i = from; i < to; i += 5) {
    const some = Array.from({ length: Math.min(5, to - i) }, (_, j) => i + j);
    firsts.push(...(await Promise.all(some.map((each) => process.done(`k${each}`, run(each))))));
  }
  return firsts;
}

async function openWallet(process: WalletProcess): Promise<void> {
  await process.done('open', open());
  await process.done('credits', give(1_000_000n));
}

/** Every key replays its first result, every run id is used, and the log has not moved. */
async function expectFenced(process: WalletProcess, firsts: readonly Done[]): Promise<void> {
  const head = await lab.store.head();
  const replays = await Promise.all(firsts.map((_, i) => process.send(`k${i}`, run(i))));
  expect(replays.map(replyText)).toEqual(firsts.map((first) => replyText({ ...first, replayed: true })));
  const others = await Promise.all(firsts.map((_, i) => process.send(`other-${i}`, run(i))));
  expect(new Set(others.map(codeOf))).toEqual(new Set(['run.already_charged']));
  const bodies = await Promise.all(firsts.map((_, i) => process.send(`k${i}`, run(i + 10_000))));
  expect(new Set(bodies.map(codeOf))).toEqual(new Set(['request.id_reused']));
  expect(await lab.store.head()).toBe(head);
}

const told = (answer: Promise<Outcome>): Promise<string> => answer.then(codeOf, (fault: Error) => fault.name);

async function snapshotRevision(): Promise<number> {
  const { rows } = await lab.owner.query<{ revision: number }>(
    'select revision from platform.snapshots where stream = $1',
    [STREAM],
  );
  return rows[0]!.revision;
}

describe('keys and run ids of a long wallet have one effect', () => {
  test('the projection follows the log: in the process that wrote them, and after a restart', async () => {
    await lab.prepare();
    lab.project();
    const process = lab.start();
    await openWallet(process);
    const firsts = await chargeRuns(process, 0, RUNS);
    await expectFenced(process, firsts);
    await process.executor.close();
    expect(await snapshotRevision()).toBeGreaterThan(RUNS - EVERY_EVENTS);
    await expectFenced(lab.start(), firsts);
  });

  test('the projection is stopped, early, and started again', async () => {
    await lab.prepare();
    const stop = lab.project();
    const process = lab.start();
    await openWallet(process);
    const firsts = await chargeRuns(process, 0, 20);
    await lab.caughtUp();
    await stop();
    firsts.push(...(await chargeRuns(process, 20, RUNS)));
    await expectFenced(process, firsts);
    await process.executor.close();
    const restarted = lab.start();
    await expectFenced(restarted, firsts);
    lab.project();
    await lab.caughtUp();
    await expectFenced(restarted, firsts);
    await expectFenced(lab.start(), firsts);
  });

  test('the projection was never run: its copy is empty', async () => {
    await lab.prepare();
    const process = lab.start();
    await openWallet(process);
    const firsts = await chargeRuns(process, 0, RUNS);
    await process.executor.close();
    await expectFenced(lab.start(), firsts);
  });

  test('the projection is slow: it never stands where the log does', async () => {
    await lab.prepare();
    lab.project();
    const firsts: Done[] = [];
    await openWallet(lab.start());
    // A process lives for ten runs; what it knew is snapshot, projection or tail for the next one.
    for (let i = 0; i < RUNS; i += 10) {
      const process = lab.start();
      firsts.push(...(await chargeRuns(process, i, i + 10)));
      await expectFenced(process, firsts);
    }
  });

  test('two processes write while the projection is rebuilt again and again', async () => {
    await lab.prepare();
    lab.project();
    const [a, b] = [lab.start(), lab.start()];
    await openWallet(a);
    const firsts: Done[] = [];
    const rebuilding = new AbortController();
    const rebuilds = (async () => {
      let count = 0;
      while (!rebuilding.signal.aborted) {
        await rebuildProjection({ url: lab.url, projection: commandOutcomes, store: lab.store });
        count += 1;
      }
      return count;
    })();
    for (let i = 0; i < RUNS; i += 10) firsts.push(...(await chargeRuns(i % 20 === 0 ? a : b, i, i + 10)));
    await expectFenced(a, firsts);
    await expectFenced(b, firsts);
    rebuilding.abort();
    expect(await rebuilds).toBeGreaterThan(0);
    await expectFenced(lab.start(), firsts);
  });

  test('Postgres lost the last of the projection, as after a restore', async () => {
    await lab.prepare();
    const stop = lab.project();
    const process = lab.start();
    await openWallet(process);
    const firsts = await chargeRuns(process, 0, RUNS);
    await lab.caughtUp();
    await stop();
    await process.done('warm', give(1n));
    await lab.owner.query('update p_command_outcomes_1.checkpoint set position = 30');
    await lab.owner.query('delete from p_command_outcomes_1.outcomes where last_position > 30');
    await lab.owner.query('delete from p_command_outcomes_1.used_ids where position > 30');
    await expectFenced(process, firsts);
    await expectFenced(lab.start(), firsts);
  });
});

describe('without a complete copy of the outcomes', () => {
  /** A wallet with a snapshot, whose window does not know the first runs. */
  async function longWallet(): Promise<readonly Done[]> {
    const process = lab.start();
    await openWallet(process);
    const firsts = await chargeRuns(process, 0, RUNS);
    await process.executor.close();
    return firsts;
  }

  async function expectCatchingUp(process = lab.start()): Promise<void> {
    const head = await lab.store.head();
    for (const answer of [
      process.send('k3', run(3)),
      process.send('other', run(3)),
      process.send('new', run(RUNS)),
    ]) {
      expect(await told(answer)).toBe(CatchingUpFault.name);
    }
    expect(await lab.store.head()).toBe(head);
  }

  test('the views are not there yet: catching up, and after the first build everything is fenced', async () => {
    const firsts = await longWallet();
    await expectCatchingUp();
    await lab.prepare();
    lab.project();
    await lab.caughtUp();
    await expectFenced(lab.start(), firsts);
  });

  test('the copy was made by an older version: catching up until it is rebuilt', async () => {
    const older = {
      ...commandOutcomes,
      version: commandOutcomes.version - 1,
      viewsSql: commandOutcomes.viewsSql.replace(
        `select ${commandOutcomes.version} as`,
        `select ${commandOutcomes.version - 1} as`,
      ),
    };
    await lab.prepare(older);
    const stop = lab.project(older);
    const firsts = await longWallet();
    await lab.caughtUp();
    await stop();
    await expectCatchingUp();
    lab.project();
    const process = lab.start();
    const deadline = performance.now() + CAUGHT_UP_MS;
    while ((await told(process.preview('look', give(1n)))) !== 'done' && performance.now() < deadline) {
      await sleep(20);
    }
    await expectFenced(process, firsts);
  });

  test('the copy is of another log: catching up', async () => {
    await lab.prepare();
    await longWallet();
    await lab.owner.query(`update p_command_outcomes_1.checkpoint set log_id = 'ffffffff'`);
    await expectCatchingUp();
  });

  test('Postgres does not answer the look-up: catching up', async () => {
    await lab.prepare();
    await longWallet();
    const gone = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'gone' });
    await expectCatchingUp(lab.start(gone));
    await gone.end();
  });
});
