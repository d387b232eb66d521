import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { migrate } from '#libs/platform/migrations.js';
import { connectClient } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

let database: TestDatabase;
let directory: string;
const clients: Client[] = [];

async function client(): Promise<Client> {
  const connected = await connectClient({ url: database.url, applicationName: 'migrations-spec' });
  clients.push(connected);
  return connected;
}

beforeEach(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'promptflow-migrations-'));
  await writeFile(join(directory, '0001_coins.sql'), 'create table coins (id int primary key); select 1;');
  await writeFile(join(directory, '0002_notes.sql'), 'create table notes (id int primary key);');
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.end()));
  await database.drop();
  await rm(directory, { recursive: true });
});

test('each file is applied once, in order, and recorded with its SHA-256', async () => {
  const one = await client();
  expect(await migrate(one, { name: 'money', directory })).toEqual({
    applied: ['0001_coins.sql', '0002_notes.sql'],
  });
  expect(await migrate(one, { name: 'money', directory })).toEqual({ applied: [] });
  const { rows } = await one.query('select name, file, length(sha256) as length from platform.migrations');
  expect(rows).toEqual([
    { name: 'money', file: '0001_coins.sql', length: 64 },
    { name: 'money', file: '0002_notes.sql', length: 64 },
  ]);
});

test('eight processes that start at once apply it once', async () => {
  const eight = await Promise.all(Array.from({ length: 8 }, client));
  const results = await Promise.all(eight.map((each) => migrate(each, { name: 'money', directory })));
  expect(results.map((each) => each.applied.length).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 2]);
});

test('an applied file that was altered is refused by name', async () => {
  const one = await client();
  await migrate(one, { name: 'money', directory });
  await writeFile(join(directory, '0001_coins.sql'), 'create table coins (id bigint primary key);');
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(
    /Migration money\/0001_coins\.sql was altered/,
  );
});

test('a database of a newer version is refused by name', async () => {
  const one = await client();
  await migrate(one, { name: 'money', directory });
  await rm(join(directory, '0002_notes.sql'));
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(/0002_notes\.sql.*newer version/);
});

test('a new file numbered before an applied one is refused by name', async () => {
  const one = await client();
  await rm(join(directory, '0001_coins.sql'));
  await migrate(one, { name: 'money', directory });
  await writeFile(join(directory, '0001_coins.sql'), 'select 1;');
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(
    /0001_coins\.sql is new but numbered/,
  );
});

test('a failing file leaves nothing of itself and keeps what came before', async () => {
  const one = await client();
  await writeFile(join(directory, '0002_notes.sql'), 'create table notes (id int); select 1 / 0;');
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(/money\/0002_notes\.sql failed/);
  const { rows } = await one.query(`select to_regclass('coins') as coins, to_regclass('notes') as notes`);
  expect(rows).toEqual([{ coins: 'coins', notes: null }]);
});

test('the time-outs of the connection are as before afterwards', async () => {
  const one = await client();
  await migrate(one, { name: 'money', directory });
  const { rows } = await one.query(
    `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`,
  );
  expect(rows).toEqual([{ lock: '5s', statement: '30s' }]);
});

test('file names without number and doubled numbers are refused', async () => {
  const one = await client();
  await writeFile(join(directory, 'extra.sql'), 'select 1;');
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(
    /money\/extra\.sql has no valid name/,
  );
  await rm(join(directory, 'extra.sql'));
  await writeFile(join(directory, '0002_more.sql'), 'select 1;');
  await expect(migrate(one, { name: 'money', directory })).rejects.toThrow(/carry the number 0002/);
});
