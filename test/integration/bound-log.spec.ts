import { PLATFORM_MIGRATIONS } from '#libs/platform/checkpoints.js';
import { bindLog, OtherLogError } from '#libs/platform/bound-log.js';
import { migrate } from '#libs/platform/migrations.js';
import { connectClient } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

const FIRST = { logId: '0a1b2c3d', place: 'the event store at one:2113' };
const OTHER = { logId: 'ffffffff', place: 'the event store at two:2113' };

let database: TestDatabase;
beforeEach(async () => void (database = await createTestDatabase()));
afterEach(() => database.drop());

async function prepare(before: string = 'select'): Promise<void> {
  const client = await connectClient({ url: database.url, applicationName: 'test' });
  await client.query(before);
  await migrate(client, PLATFORM_MIGRATIONS);
  await client.end();
}

test('a database keeps to the first log that it was used with, and names both when another comes', async () => {
  await prepare();
  await bindLog(database.url, FIRST);
  await bindLog(database.url, { ...FIRST, place: 'the same one, under another name' });
  await expect(bindLog(database.url, OTHER)).rejects.toThrow(
    /^DATABASE_URL, EVENTSTORE_URL: the database belongs to log 0a1b2c3d in the event store at one:2113, but .* two:2113, which holds log ffffffff\. Set EVENTSTORE_URL/,
  );
});

test('of several that come first at the same moment one wins', async () => {
  await prepare();
  const logs = Array.from({ length: 8 }, (_, i) => ({ logId: `0000000${i}`, place: 'somewhere' }));
  const results = await Promise.allSettled(logs.map((log) => bindLog(database.url, log)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(OtherLogError);
});

test('a database that was in use before belongs to the log that it holds', async () => {
  await prepare(
    `create schema log; create table log.identity (log_id text); insert into log.identity values ('0a1b2c3d')`,
  );
  await bindLog(database.url, FIRST);
  await expect(bindLog(database.url, OTHER)).rejects.toThrow(/belongs to log 0a1b2c3d in this Postgres/);
});
