import type pg from 'pg';
import { jest } from '@jest/globals';
import { LOG_ROLE } from '#libs/event-store-postgres/connections.js';
import { assertDurable, NotDurableError } from '#libs/event-store-postgres/durability.js';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import {
  collect,
  event,
  events,
  eventually,
  follow,
  namesOf,
} from '#libs/event-store/conformance/harness.js';
import {
  AppendOutcomeUnknownError,
  PositionBeyondHeadError,
  StoreUnavailableError,
} from '#libs/event-store/errors.js';
import { LOG_START, type EventStore } from '#libs/event-store/port.js';
import { createLogDatabase, withClient } from '#test/conformance/log-database.js';
import { openPostgresProxy } from '#test/conformance/postgres-proxy.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

jest.setTimeout(45_000);

let database: TestDatabase;
beforeEach(async () => void (database = await createLogDatabase()));
afterEach(() => database.drop());

async function withStore(
  body: (store: EventStore) => Promise<void>,
  options: Omit<Parameters<typeof openPostgresEventStore>[0], 'url'> & { url?: string } = {},
): Promise<void> {
  const store = await openPostgresEventStore({ url: database.url, ...options });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

describe('what an append without an answer becomes', () => {
  test('a lock that cannot be had in time: nothing written, and said so', () =>
    withStore(
      (store) =>
        withClient(database.url, async (holder) => {
          await holder.query('begin');
          await holder.query('select log.lock_appends()');
          const refused = store.append('wallet-a', [event('one')], { expected: 'no_stream' });
          await expect(refused).rejects.toBeInstanceOf(StoreUnavailableError);
          await holder.query('rollback');
          await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
          expect(await collect(store.readAll())).toHaveLength(1);
        }),
      { appendTimeoutMs: 1_000 },
    ));

  test('a server that no longer answers: unknown, within the time-out', async () => {
    const proxy = await openPostgresProxy(database.url);
    const store = await openPostgresEventStore({ url: proxy.url, appendTimeoutMs: 400 });
    await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
    proxy.hang();
    const unknown = store.append('wallet-a', [event('two')], { expected: 0 });
    await expect(unknown).rejects.toBeInstanceOf(AppendOutcomeUnknownError);
    const closing = store.close();
    await proxy.close();
    await closing;
  });

  test('a server that no longer answers: reads fail too, and do not wait for ever', async () => {
    const proxy = await openPostgresProxy(database.url);
    const store = await openPostgresEventStore({
      url: proxy.url,
      appendTimeoutMs: 400,
      readTimeoutMs: 100,
    });
    await store.head();
    proxy.hang();
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailableError);
    const closing = store.close();
    await proxy.close();
    await closing;
  });

  test('a server that is gone: unavailable, nothing written', () =>
    withStore(async (store) => {
      await shutOut();
      await eventually('refused as unavailable', async () => {
        const outcome = await store
          .append('wallet-a', [event('one')], { expected: 'no_stream' })
          .catch((e: unknown) => e);
        return outcome instanceof StoreUnavailableError;
      });
    }));

  async function shutOut(): Promise<void> {
    const admin = new URL(database.url);
    const name = admin.pathname.slice(1);
    admin.pathname = '/postgres';
    await withClient(admin.href, async (client) => {
      await client.query(`alter database "${name}" allow_connections false`);
      await client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
        name,
      ]);
    });
  }
});

describe('an append that Postgres refuses', () => {
  test('fails alone, the others of its batch are written', () =>
    withStore(async (store) => {
      await withClient(database.url, (client) =>
        client.query("alter table log.events add constraint no_poison check (type <> 'Poison.v1')"),
      );
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) =>
          store.append(`wallet-${i}`, [event(`e${i}`, i === 5 ? { type: 'Poison.v1' } : {})], {
            expected: 'no_stream',
          }),
        ),
      );
      expect(tries.map((one) => one.status === 'fulfilled')).toEqual(tries.map((_, i) => i !== 5));
      expect(await collect(store.readAll())).toHaveLength(11);
    }));
});

describe('start', () => {
  test.each(['synchronous_commit'])('refuses a database with %s off, by name', async (setting) => {
    const name = new URL(database.url).pathname.slice(1);
    await withClient(database.url, (client) => client.query(`alter database "${name}" set ${setting} = off`));
    const refused = await openPostgresEventStore({ url: database.url }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NotDurableError);
    expect(refused).toMatchObject({ setting });
    expect((refused as Error).message).toContain(`Set ${setting} = on`);
  });

  test.each(['fsync', 'full_page_writes', 'synchronous_commit', 'standby'])(
    'the check names %s',
    async (setting) => {
      const row = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', standby: false };
      const answer = { ...row, [setting]: setting === 'standby' ? true : 'off' };
      const client = { query: async () => ({ rows: [answer] }) } as unknown as pg.Client;
      await expect(assertDurable(client)).rejects.toMatchObject({ setting });
      const fine = { query: async () => ({ rows: [row] }) } as unknown as pg.Client;
      await assertDurable(fine);
    },
  );

  test('an unreachable server is unavailable', async () => {
    const refused = openPostgresEventStore({ url: 'postgres://nobody@127.0.0.1:1/none' });
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

describe('the database', () => {
  test('its role inserts and selects events, and can do nothing else with them', () =>
    withStore(async (store) => {
      await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      await withClient(database.url, async (client) => {
        await client.query(`set role ${LOG_ROLE}`);
        for (const statement of [
          "update log.events set data = '{}'",
          'delete from log.events',
          'truncate log.events',
          'drop table log.events',
          'alter table log.events add column more text',
          "update log.identity set log_id = '00000000'",
          "insert into log.identity (log_id) values ('00000000')",
        ]) {
          await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
        }
        expect((await client.query('select data from log.readable')).rows).toEqual([
          { data: { name: 'one' } },
        ]);
      });
    }));

  test('is migrated safely by several at once, in several databases', async () => {
    const others = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()]);
    try {
      await Promise.all(
        others.flatMap(({ url }) => [withClient(url, migrateEventStore), withClient(url, migrateEventStore)]),
      );
      for (const { url } of others) await (await openPostgresEventStore({ url })).close();
    } finally {
      await Promise.all(others.map((other) => other.drop()));
    }
  });

  test('answers the hot queries by index, also when planned while the log was empty', () =>
    withClient(database.url, async (client) => {
      await client.query('set plan_cache_mode = force_generic_plan');
      for (const off of ['enable_seqscan', 'enable_bitmapscan']) await client.query(`set ${off} = off`);
      const plan = async (call: string) => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${call}`);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      const range = await plan("select * from log.read_log(5, 100, 10, array['A'], array['wallet'])");
      expect(range).toContain('Index Scan using events_position');
      expect(range).not.toContain('Sort');
      const stream = await plan("select * from log.read_stream('wallet-a', 0, 10)");
      expect(stream).toContain('Index Scan using events_stream_revision');
      expect(stream).not.toContain('Sort');
      const head = await plan('select position from log.events order by position desc limit 1');
      expect(head).toContain('Index Only Scan Backward using events_position');
    }));

  test('that was replaced by a shorter log stops a running subscriber by name', () =>
    withStore(
      async (store) => {
        await store.append('wallet-a', events('e', 5), { expected: 'no_stream' });
        const following = follow(store, { after: LOG_START });
        await eventually('all events', () => following.seen.length === 5);
        await withClient(database.url, (client) => client.query('delete from log.events where position > 2'));
        await expect(following.ended).rejects.toBeInstanceOf(PositionBeyondHeadError);
      },
      { pollMs: 50 },
    ));
});

describe('a log with other writers', () => {
  test('is followed through gaps in what this process wrote itself', () =>
    withStore((near) =>
      withStore(async (far) => {
        const following = follow(near, { after: LOG_START });
        const expected: string[] = [];
        for (let i = 0; i < 40; i++) {
          const writer = i % 3 === 0 ? far : near;
          await writer.append(`wallet-${i}`, [event(`e${i}`)], { expected: 'no_stream' });
          expected.push(`e${i}`);
        }
        await eventually('all events', () => following.seen.length === 40);
        await following.stop();
        expect(namesOf(following.seen)).toEqual(expected);
        expect(namesOf(await collect(far.readAll()))).toEqual(expected);
      }),
    ));
});
