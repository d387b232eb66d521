import { migrateAll } from '#apps/engine/migrate-all.js';
import { connectClient } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import {
  startEventStoreDb,
  type EventStoreDbServer,
  freshNamespace,
} from '#test/support/components/eventstoredb.js';
import { killLedgerProcesses, startLedgerProcess } from '#test/support/ledger-process.js';

const PATIENCE_MS = 60_000;

describe('a database belongs to one log', () => {
  let database: TestDatabase;
  let server: EventStoreDbServer;
  let eventStore: Readonly<Record<string, string>>;

  beforeEach(async () => {
    database = await createTestDatabase();
    server = await startEventStoreDb();
    eventStore = { EVENTSTORE_URL: server.url, EVENTSTORE_NAMESPACE: freshNamespace() };
  }, PATIENCE_MS);
  afterEach(async () => {
    await killLedgerProcesses();
    await server.stop();
    await database.drop();
  });

  const start = (program: string, env: Readonly<Record<string, string>>) =>
    startLedgerProcess({ DATABASE_URL: database.url, ...env }, { program });

  test.each(['api', 'projector'])(
    '%s starts on the event store, and not without it: balances would be of one log and charges in another',
    async (program) => {
      await (await start(program, eventStore)).stop();
      await expect(start(program, {})).rejects.toThrow(
        /exit code 2\nDATABASE_URL, EVENTSTORE_URL: the database belongs to log [0-9a-f]{8} in the event store at 127\.0\.0\.1:\d+, namespace t[0-9a-f]{12}, but the events are now looked for in this Postgres/,
      );
      await (await start(program, eventStore)).stop();
    },
    PATIENCE_MS,
  );

  test(
    'an event store that cannot be reached is named, without its password, by a process with or without the api',
    async () => {
      const url = 'esdb://ledger:geheim@127.0.0.1:1?tls=false';
      for (const program of ['api', 'projector']) {
        const failure = await start(program, { EVENTSTORE_URL: url }).then(
          () => 'started',
          (error: unknown) => String(error),
        );
        expect(failure).toMatch(/exit code 2\n[^]*127\.0\.0\.1:1 cannot be used: [^]*EVENTSTORE_URL/);
        expect(failure).not.toContain('geheim');
      }
    },
    PATIENCE_MS,
  );

  test('a database beside an event store gets no log of its own, and must be durable all the same', async () => {
    await migrateAll(database.url, { logElsewhere: true });
    const client = await connectClient({ url: database.url, applicationName: 'test' });
    const { rows } = await client.query<{ log: string | null }>(
      `select to_regclass('log.events')::text as log`,
    );
    expect(rows).toEqual([{ log: null }]);
    const { rows: named } = await client.query<{ name: string }>('select current_database() as name');
    await client.query(`alter database "${named[0]!.name}" set synchronous_commit = off`);
    await client.end();
    await expect(migrateAll(database.url, { logElsewhere: true })).rejects.toThrow(
      /synchronous_commit is off/,
    );
  });
});
