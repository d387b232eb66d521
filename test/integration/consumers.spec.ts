import type pg from 'pg';
import { type Consumer, PoisonMessageError } from '#libs/messaging/consumer.js';
import { ConsumerStoppedError } from '#libs/messaging/errors.js';
import { prune } from '#libs/messaging/housekeeping.js';
import { checkpointOf } from '#libs/messaging/log-source.js';
import { ParkedMessages } from '#libs/messaging/parked-messages.js';
import { cutConnections } from '#test/conformance/log-database.js';
import { BUILD_PATIENCE_MS, buildProgram } from '#test/support/build.js';
import { CONSUMER, ConsumerLab, eventually, type RunEvent } from '#test/support/messaging/consumer-lab.js';
import { WorkerProcess } from '#test/support/messaging/worker-process.js';

let lab: ConsumerLab;
let parked: ParkedMessages;

beforeAll(buildProgram, BUILD_PATIENCE_MS);
beforeEach(async () => {
  lab = await ConsumerLab.open();
  parked = new ParkedMessages(lab.pool);
});
afterEach(async () => {
  await WorkerProcess.killAll();
  await lab.close();
});

const runs = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const forget = (): Promise<unknown> => lab.pool.query('delete from platform.checkpoints');

/** Fails for the runs named, as long as they are. */
const failing =
  (names: Set<string>, error: (run: string) => Error) =>
  (event: RunEvent): void => {
    if (names.has(event.data.runId)) throw error(event.data.runId);
  };
const poison = (run: string): Error => new PoisonMessageError(`${run} makes no sense.`);
const trouble = (run: string): Error => new Error(`${run} is too much just now.`);

async function states(): Promise<object[]> {
  return (await parked.list()).map(({ stream, state, waiting }) => ({ stream, state, waiting }));
}

describe('a consumer on the log', () => {
  test('acts on each message once, in the order of its stream, and goes on where it was', async () => {
    const users = Array.from({ length: 20 }, (_, n) => `u${n}`);
    for (const user of users) await lab.charge(user, ...runs(user, 40));
    const first = lab.start(lab.consumer());
    await eventually(async () => expect(await lab.effects()).toHaveLength(800));
    await eventually(() =>
      expect(first.status()).toMatchObject({ state: 'running', lag: { value: 0 }, behindMs: 0 }),
    );
    expect(first.status()).toMatchObject({ handled: 800, repeated: 0, parked: 0 });
    await first.stop();
    for (const user of users) await lab.charge(user, `${user}-last`);
    const second = lab.start(lab.consumer());
    await eventually(async () => expect(await lab.effects()).toHaveLength(820));
    expect(second.status()).toMatchObject({ handled: 20, repeated: 0 });
    await second.stop();
    for (const user of users) expect(await lab.runsOf(user)).toEqual([...runs(user, 40), `${user}-last`]);
  });

  test('asks once a transaction what it need not handle', async () => {
    await lab.charge('u1', ...runs('r', 100));
    let asked = 0;
    const consumer: Consumer = {
      ...lab.consumer(),
      passOver: async (events) => {
        asked += 1;
        const odd = (events as RunEvent[]).filter(({ data }) => Number(data.runId.slice(2)) % 2 === 1);
        return { ids: new Set(odd.map(({ id }) => id)), reason: 'odd' };
      },
    };
    const work = lab.start(consumer);
    await eventually(() =>
      expect(work.status()).toMatchObject({ handled: 50, skipped: 50, lag: { value: 0 } }),
    );
    await work.stop();
    expect(await lab.runsOf('u1')).toEqual(runs('r', 100).filter((_, i) => i % 2 === 0));
    expect(asked).toBeLessThan(10);
    const { rows } = await lab.pool.query(
      `select count(*)::int as n from messaging.inbox where reason = 'odd'`,
    );
    expect(rows).toEqual([{ n: 50 }]);
  });

  test('passes over what was delivered before, and remembers why there was nothing to do', async () => {
    await lab.charge('u1', ...runs('r', 5));
    const effective = lab.consumer();
    const consumer: Consumer = {
      ...effective,
      handle: async (event, tx) =>
        (event as RunEvent).data.runId === 'r-3'
          ? { skipped: 'r-3 is of no interest' }
          : effective.handle(event, tx),
    };
    for (let time = 0; time < 3; time++) {
      await forget();
      const work = lab.start(consumer);
      await eventually(() => {
        const { handled, skipped, repeated } = work.status();
        expect(handled + skipped + repeated).toBe(5);
      });
      await work.stop();
    }
    expect(await lab.runsOf('u1')).toEqual(['r-0', 'r-1', 'r-2', 'r-4']);
    const { rows } = await lab.pool.query('select outcome, reason from messaging.inbox order by position');
    expect(rows).toEqual([
      ...Array.from({ length: 3 }, () => ({ outcome: 'done', reason: null })),
      { outcome: 'skipped', reason: 'r-3 is of no interest' },
      { outcome: 'done', reason: null },
    ]);
  });

  test('a stream of messages of other types moves its checkpoint all the same', async () => {
    await lab.charge('u1', 'r-0');
    const work = lab.start({
      name: CONSUMER,
      types: ['promptflow.payout.sent.v1'],
      handle: async () => 'done',
    });
    await eventually(async () => {
      const { rows } = await lab.pool.query('select position from platform.checkpoints where name = $1', [
        checkpointOf(CONSUMER),
      ]);
      expect(rows).toEqual([{ position: '1' }]);
    });
    await work.stop();
  });
});

test('what is out of date is pruned: inbox rows and handled ones, never high water, drops or what waits', async () => {
  await lab.charge('a', ...runs('a', 3));
  await lab.charge('b', 'b-0');
  const bad = new Set(['a-1', 'b-0']);
  const work = lab.start(lab.consumer(failing(bad, poison)));
  await eventually(() => expect(work.status().parked).toBe(2));
  const [first] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' });
  await parked.drop({ consumer: CONSUMER, messageId: first!.messageId, by: 'ops', reason: 'x' });
  await eventually(async () => expect(await lab.runsOf('a')).toEqual(['a-0', 'a-2']));
  await work.stop();
  const counts = async (): Promise<unknown> => {
    const { rows } = await lab.pool.query(
      `select
         (select count(*)::int from messaging.inbox) as inbox,
         (select count(*)::int from messaging.streams) as streams,
         (select array_agg(state order by number) from messaging.parked) as parked`,
    );
    return rows[0];
  };
  await prune(lab.pool);
  expect(await counts()).toEqual({ inbox: 2, streams: 2, parked: ['dropped', 'handled', 'waiting'] });
  await lab.pool.query(
    `update messaging.inbox set handled_at = now() - interval '31 days';
     update messaging.parked set parked_at = now() - interval '99 days', ended_at = ended_at - interval '91 days'`,
  );
  await prune(lab.pool);
  expect(await counts()).toEqual({ inbox: 0, streams: 2, parked: ['dropped', 'waiting'] });
  // High water alone keeps them from happening again.
  await forget();
  const again = lab.start(lab.consumer());
  await eventually(() => expect(again.status()).toMatchObject({ repeated: 4, handled: 0 }));
  await again.stop();
});

describe('a message that fails', () => {
  test('is parked with the later ones of its stream when it is poison; the others go on; retry drains in order', async () => {
    const bad = new Set(['a-2']);
    const work = lab.start(lab.consumer(failing(bad, poison)));
    await lab.charge('a', ...runs('a', 5));
    await lab.charge('b', ...runs('b', 5));
    await eventually(async () => expect(await lab.runsOf('b')).toHaveLength(5));
    await eventually(async () =>
      expect(await states()).toEqual([{ stream: 'wallet-a', state: 'parked', waiting: 3 }]),
    );
    expect(await lab.runsOf('a')).toEqual(['a-0', 'a-1']);
    expect(work.status()).toMatchObject({ handled: 7, parked: 1, retried: 0 });
    const [first, second] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' });
    expect(first).toMatchObject({
      reason: 'a-2 makes no sense.',
      tries: [{ error: 'a-2 makes no sense.' }],
      unreadable: false,
    });
    expect(JSON.parse(first!.message)).toMatchObject({ stream: 'wallet-a', data: { runId: 'a-2' } });
    expect(second).toMatchObject({ reason: 'Waits behind an earlier message of its stream.', tries: [] });

    // Still poison: it comes back, with another try in its history.
    expect(await parked.retry({ consumer: CONSUMER, stream: 'wallet-a' })).toEqual({
      streams: 1,
      messages: 3,
    });
    await eventually(async () => {
      const [again] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' });
      expect(again!.tries).toHaveLength(2);
    });
    expect(await states()).toEqual([{ stream: 'wallet-a', state: 'parked', waiting: 3 }]);

    // What comes while it drains stays behind it.
    bad.clear();
    const arriving = (async () => {
      for (let i = 5; i < 40; i++) await lab.charge('a', `a-${i}`);
    })();
    await parked.retry({ consumer: CONSUMER, stream: undefined });
    await arriving;
    await eventually(async () => expect(await lab.runsOf('a')).toEqual(runs('a', 40)));
    await eventually(async () => expect(await states()).toEqual([]));
    await work.stop();
    expect(await parked.show({ consumer: CONSUMER, stream: 'wallet-a' }, { all: true })).toEqual(
      expect.arrayContaining([expect.objectContaining({ state: 'handled' })]),
    );
  });

  test('is tried again by itself, while its stream waits and the others go on', async () => {
    const bad = new Set(['a-1']);
    const work = lab.start(lab.consumer(failing(bad, trouble)), {
      policy: { delayMs: 50, delayMsMax: 100, triesMax: 1_000 },
    });
    await lab.charge('a', ...runs('a', 3));
    await lab.charge('b', ...runs('b', 3));
    await eventually(() => expect(work.status()).toMatchObject({ handled: 4 }));
    await eventually(() => expect(work.status().retried).toBeGreaterThan(3));
    expect(await states()).toEqual([{ stream: 'wallet-a', state: 'retrying', waiting: 2 }]);
    await lab.charge('a', 'a-3');
    bad.clear();
    await eventually(async () => expect(await lab.runsOf('a')).toEqual(runs('a', 4)));
    await work.stop();
    expect(work.status()).toMatchObject({ handled: 7, parked: 0 });
    expect(await states()).toEqual([]);
  });

  test('is parked when its tries run out; dropped, the next goes on, and the drop stays on record', async () => {
    const work = lab.start(lab.consumer(failing(new Set(['a-0']), trouble)));
    await lab.charge('a', ...runs('a', 3));
    await eventually(async () => expect(await states()).toMatchObject([{ state: 'parked', waiting: 3 }]));
    const [first] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' });
    expect(first!.tries).toHaveLength(3);
    const drop = { consumer: CONSUMER, messageId: first!.messageId, by: 'ops', reason: 'paid by hand' };
    expect(await parked.drop(drop)).toBe(true);
    expect(await parked.drop(drop)).toBe(false);
    await eventually(async () => expect(await lab.runsOf('a')).toEqual(['a-1', 'a-2']));
    await eventually(async () => expect(await states()).toEqual([]));
    const [dropped] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' }, { all: true });
    expect(dropped).toMatchObject({ state: 'dropped', droppedBy: 'ops', dropReason: 'paid by hand' });
    // Delivered again it stays dropped.
    await work.stop();
    await forget();
    const again = lab.start(lab.consumer());
    await eventually(() => expect(again.status()).toMatchObject({ repeated: 3 }));
    await again.stop();
    expect(await lab.runsOf('a')).toEqual(['a-1', 'a-2']);
  });

  test('may have spoilt its transaction in silence, broken a deferred constraint, or never end', async () => {
    await lab.pool.query(
      'create table strict (run text, constraint one unique (run) deferrable initially deferred)',
    );
    const ways: Record<string, (tx: pg.ClientBase) => Promise<unknown>> = {
      'a-1': (tx) => tx.query('select 1 / 0').catch(() => undefined),
      'b-1': (tx) => tx.query(`insert into strict values ('x'), ('x')`),
      'c-1': () => new Promise(() => undefined),
    };
    const consumer = lab.consumer(async (event, tx) => {
      await ways[event.data.runId]?.(tx);
    });
    for (const user of ['a', 'b', 'c', 'd']) await lab.charge(user, ...runs(user, 3));
    const work = lab.start(consumer, { handlerMsMax: 300 });
    await eventually(async () =>
      expect(await states()).toEqual(
        ['a', 'b', 'c'].map((user) => ({ stream: `wallet-${user}`, state: 'parked', waiting: 2 })),
      ),
    );
    await work.stop();
    expect(await lab.runsOf('d')).toEqual(runs('d', 3));
    for (const user of ['a', 'b', 'c']) expect(await lab.runsOf(user)).toEqual([`${user}-0`]);
    const reasons = (await parked.list()).map(({ reason }) => reason);
    expect(reasons).toEqual([
      expect.stringContaining('current transaction is aborted'),
      expect.stringContaining('duplicate key value'),
      'The handler did not end within 300 ms.',
    ]);
  });

  test('cannot be read: it is parked as it is, and read once more by whoever can', async () => {
    await lab.charge('a', 'a-0');
    const { rows } = await lab.pool.query<{ data: string }>('select data from log.events where position = 1');
    await lab.store.append(
      'wallet-a',
      [
        {
          id: '0b7c1f5e-9a3d-4c62-8f10-2d4e6a8b9c77',
          type: 'PromptCharged.v1',
          data: '{"from":"a newer version"}',
          metadata: '{}',
        },
      ],
      { expected: 0 },
    );
    const work = lab.start(lab.consumer());
    await eventually(async () => expect(await states()).toMatchObject([{ state: 'parked', waiting: 1 }]));
    const [unreadable] = await parked.show({ consumer: CONSUMER, stream: 'wallet-a' });
    expect(unreadable).toMatchObject({ unreadable: true, messageId: '0b7c1f5e-9a3d-4c62-8f10-2d4e6a8b9c77' });
    expect(JSON.parse(unreadable!.message)).toMatchObject({
      kind: 'stored',
      data: '{"from":"a newer version"}',
    });
    const data = JSON.stringify(rows[0]!.data.toString()).replace('a-0', 'a-1');
    await lab.pool.query(
      `update messaging.parked set raw =
         (raw::jsonb || jsonb_build_object('data', $1::jsonb #>> '{}', 'metadata', $2::text))::json`,
      [data, '{"principal":"test","key":"k","bodyHash":"h"}'],
    );
    await parked.retry({ consumer: CONSUMER, stream: 'wallet-a' });
    await eventually(async () => expect(await lab.runsOf('a')).toEqual(['a-0', 'a-1']));
    await work.stop();
  });
});

describe('faults and strangers', () => {
  test('lost connections park nothing and repeat nothing', async () => {
    const users = Array.from({ length: 10 }, (_, n) => `u${n}`);
    const work = lab.start(lab.consumer());
    const cutting = (async () => {
      for (let cut = 0; cut < 8; cut++) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await cutConnections(lab.database.url);
      }
    })();
    for (let round = 0; round < 20; round++) {
      for (const user of users) {
        // The writer is cut off as well: it asks until it knows.
        await eventually(() => chargeOnce(user, round));
      }
    }
    await cutting;
    await eventually(async () => expect(await lab.effects()).toHaveLength(200));
    await work.stop();
    for (const user of users) expect(await lab.runsOf(user)).toEqual(runs(user, 20));
    expect(await parked.list()).toEqual([]);
  });

  async function chargeOnce(user: string, round: number): Promise<void> {
    let known = 0;
    for await (const batch of lab.store.readStream(`wallet-${user}`)) known += batch.length;
    if (known === round) await lab.charge(user, `${user}-${round}`);
  }

  test('a checkpoint of another log, a database of another log and a shorter log stop it by name', async () => {
    await lab.charge('a', 'a-0');
    await lab.pool.query(
      `insert into platform.checkpoints (name, log_id, position) values ($1, 'deadbeef', 1)`,
      [checkpointOf(CONSUMER)],
    );
    const foreign = await lab.start(lab.consumer()).ended;
    expect(foreign).toBeInstanceOf(ConsumerStoppedError);
    expect(String(foreign)).toMatch(
      /test-effects has stopped: its checkpoint is of another log\. .*deadbeef/,
    );

    await lab.pool.query(`update platform.checkpoints set log_id = $1, position = 99`, [lab.store.logId]);
    const beyond = await lab.start(lab.consumer()).ended;
    expect(beyond).toBeInstanceOf(ConsumerStoppedError);
    expect(String(beyond)).toMatch(/its checkpoint does not fit the log/);

    await forget();
    await lab.pool.query(
      `insert into messaging.streams (consumer, stream, position) values ($1, 'wallet-a', 99)`,
      [CONSUMER],
    );
    const shorter = await lab.start(lab.consumer()).ended;
    expect(String(shorter)).toMatch(/it has handled position 99, the log ends at 1/);

    const other = { logId: 'deadbeef', head: () => Promise.resolve(1_000n) };
    const strange = await lab.start(lab.consumer(), { store: other }).ended;
    expect(String(strange)).toMatch(/this database knows what it did with log .*, this log is deadbeef/);
    expect(await lab.effects()).toEqual([]);
  });

  test('two processes, killed in turn between effect and checkpoint: each message has its effect once', async () => {
    const kills = 4;
    const users = Array.from({ length: 8 }, (_, n) => `u${n}`);
    const start = (killAfter?: number): Promise<WorkerProcess> =>
      WorkerProcess.start({
        ...{ name: CONSUMER, databaseUrl: lab.database.url },
        ...(killAfter === undefined ? {} : { killAfter }),
      });
    for (const user of users) await lab.charge(user, ...runs(user, 50));
    // Each has its effects committed when it dies, and its checkpoint not.
    let dying = await start(1);
    for (let kill = 1; kill <= kills; kill++) {
      const next = await start(kill < kills ? 1 : undefined);
      expect((await dying.ended).signal).toBe('SIGKILL');
      for (const user of users) await lab.charge(user, `${user}-${49 + kill}`);
      dying = next;
    }
    const last = dying;
    await eventually(async () => expect(await lab.effects()).toHaveLength(users.length * (50 + kills)));
    const { code, counted } = await last.stop();
    expect(code).toBe(0);
    expect(counted!.repeated).toBeGreaterThan(0);
    for (const user of users) expect(await lab.runsOf(user)).toEqual(runs(user, 50 + kills));
  }, 120_000);

  test('two at once: one reads, the other takes over when it ends', async () => {
    const both = [lab.start(lab.consumer()), lab.start(lab.consumer())];
    await lab.charge('a', 'a-0');
    await eventually(async () => expect(await lab.effects()).toHaveLength(1));
    await eventually(() =>
      expect(both.map((each) => each.status().state).sort()).toEqual(['running', 'standby']),
    );
    const leader = both.findIndex((each) => each.status().state === 'running');
    await both[leader]!.stop();
    await lab.charge('a', 'a-1');
    await eventually(async () => expect(await lab.runsOf('a')).toEqual(['a-0', 'a-1']));
    await both[1 - leader]!.stop();
  });
});
