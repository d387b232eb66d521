import { openLongStreams } from '#apps/engine/long-streams.js';
import { startSweeper } from '#apps/settlement/start-sweeper.js';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { createLogger } from '#libs/platform/logging.js';
import { connectClient } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

interface Line {
  readonly level: string;
  readonly msg: string;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const client = await connectClient({ url: database.url, applicationName: 'sweeper-test' });
  await migrateEventStore(client);
  await client.end();
});
afterAll(() => database.drop());

test('a sweeper that is up before the read models says that it waits for them, and warns of nothing', async () => {
  const stop = new AbortController();
  const store = await openPostgresEventStore({ url: database.url });
  let said = (line: string): void => void line;
  const first = new Promise<Line>((resolve) => {
    said = (line) => resolve(JSON.parse(line) as Line);
  });
  const log = createLogger({ level: 'info', name: 'test', destination: { write: (line) => said(line) } });
  const longStreams = openLongStreams({ databaseUrl: database.url, store, log });
  const options = {
    databaseUrl: database.url,
    store,
    log,
    signal: stop.signal,
    longStreams: longStreams.ports,
  };
  const sweeping = startSweeper(options);
  try {
    expect(await first).toMatchObject({
      level: 'info',
      msg: 'waiting for the read model of balances, which a projector makes',
    });
  } finally {
    stop.abort();
    await sweeping;
    await longStreams.close();
    await store.close();
  }
}, 20_000);
