import { jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachEmbedded, startEmbeddedPostgres } from '#libs/platform/embedded-postgres.js';
import { type EngineRecord } from '#libs/platform/engine-lock.js';
import { isAlive, readPostmasterFile, stopCluster } from '#libs/platform/postgres-cluster.js';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { buildProgram } from '#test/support/build.js';

interface Answer {
  readonly ready: boolean;
  readonly url: string;
  readonly adopted: boolean;
  readonly ms: number;
  readonly name?: string;
  readonly message?: string;
}

interface Holder {
  readonly child: ChildProcess;
  readonly answer: Answer;
  readonly log: () => string;
  end(signal: NodeJS.Signals): Promise<void>;
}

// Each test makes a cluster or more; on a busy machine one initdb takes several seconds.
jest.setTimeout(60_000);

const HOLDER = join(import.meta.dirname, '..', 'support', 'programs', 'engine-holder.mjs');
const API_URL = 'http://127.0.0.1:3999';
const children: ChildProcess[] = [];
const folders: string[] = [];
let base: string;
let dataDir: string;

async function hold(apiUrl = API_URL, folder = dataDir): Promise<Holder> {
  const child = spawn(process.execPath, [HOLDER, folder, apiUrl], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) resolve(out);
    });
    child.once('exit', () => reject(new Error(`the holder ended without a word: ${log}`)));
  });
  return {
    child,
    answer: JSON.parse(line) as Answer,
    log: () => log,
    end: (signal) => endOf(child, signal),
  };
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

async function query<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = await connectClient({ url, applicationName: 'engine-spec' });
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const postgresPid = async (): Promise<number> =>
  (await readPostmasterFile(join(dataDir, 'postgres')))?.pid ?? Number.NaN;
const record = (): EngineRecord =>
  JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')) as EngineRecord;
const log = (): void => undefined;

beforeAll(buildProgram, 120_000);

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pf-engine-'));
  chmodSync(base, 0o711);
  folders.push(base);
  dataDir = join(base, 'data');
});

afterEach(async () => {
  for (const child of children.splice(0)) await endOf(child, 'SIGKILL');
  const pid = await postgresPid();
  if (isAlive(pid)) await stopCluster({ dataDirectory: join(dataDir, 'postgres') }, pid);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('a new folder becomes a durable Postgres, and is there again after a clean stop', async () => {
  const first = await startEmbeddedPostgres({ dataDir, log });
  await query(first.url, 'create table kept as select 42 as n');
  const settings = await query<{ name: string; setting: string }>(
    first.url,
    `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'jit') order by name`,
  );
  expect(settings).toEqual([
    { name: 'fsync', setting: 'on' },
    { name: 'full_page_writes', setting: 'on' },
    { name: 'jit', setting: 'off' },
    { name: 'synchronous_commit', setting: 'on' },
  ]);
  const pid = await postgresPid();
  await Promise.all([first.stop(), first.stop()]);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);

  const started = performance.now();
  const second = await startEmbeddedPostgres({ dataDir, log });
  const ms = performance.now() - started;
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 42 }]);
  expect(second.adopted).toBe(false);
  await second.stop();
  expect(ms).toBeLessThan(3_000);
});

test('the password and the lock are for their owner only, and nothing listens on TCP', async () => {
  const engine = await startEmbeddedPostgres({ dataDir, log });
  try {
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'engine.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700);
    expect(await query(engine.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    const wrong = new URL(engine.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  } finally {
    await engine.stop();
  }
});

test('a Postgres that outlived a kill -9 of its engine is adopted, with what was committed', async () => {
  const killed = await hold();
  await query(killed.answer.url, 'create table kept as select 42 as n');
  const before = await postgresPid();
  await killed.end('SIGKILL');
  expect(isAlive(before)).toBe(true);

  const next = await hold();
  expect(next.answer).toMatchObject({ ready: true, adopted: true, url: killed.answer.url });
  expect(await postgresPid()).toBe(before);
  expect(await query(next.answer.url, 'select n from kept')).toEqual([{ n: 42 }]);
  await next.end('SIGTERM');
  expect(isAlive(before)).toBe(false);
});

test('a survivor that runs with other settings is stopped in fast mode and started as wanted', async () => {
  const killed = await hold();
  const before = await postgresPid();
  await killed.end('SIGKILL');
  const opts = join(dataDir, 'postgres', 'postmaster.opts');
  writeFileSync(opts, readFileSync(opts, 'utf8').replace('jit=off', 'jit=on'));

  const next = await hold();
  expect(next.answer).toMatchObject({ ready: true, adopted: false });
  expect(isAlive(before)).toBe(false);
  expect(next.log()).toMatch(/outlived its engine; stopping it first/);
});

test('a second engine on the same folder is refused with pid and address; the command line attaches', async () => {
  const first = await hold();
  const second = await hold();
  expect(second.answer).toMatchObject({ ready: false, name: 'EngineRunningError' });
  expect(second.answer.message).toContain(`pid ${String(first.child.pid)} at ${API_URL}`);
  expect(second.answer.message).toContain('DATA_DIR');

  const attached = await attachEmbedded(dataDir);
  expect(attached).toEqual({ pid: first.child.pid, url: first.answer.url, apiUrl: API_URL });
  expect(await query(first.answer.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await first.end('SIGTERM');
  expect(await attachEmbedded(dataDir)).toBeUndefined();
});

test.each([
  ['its process is gone', (): object => ({ ...record(), pid: 2 ** 22 - 3 })],
  [
    'its pid belongs to a later process',
    (): object => ({ ...record(), pid: process.pid, processStart: 'x' }),
  ],
  ['it was cut short', (): string => '{"pid": 12'],
])('a stale lock is taken over: %s', async (_, stale) => {
  const killed = await hold();
  const content = stale();
  await killed.end('SIGKILL');
  writeFileSync(
    join(dataDir, 'engine.json'),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  expect(await attachEmbedded(dataDir)).toBeUndefined();
  const next = await hold();
  expect(next.answer.ready).toBe(true);
  expect(record().pid).toBe(next.child.pid);
});

test('of eight starts at once on a stale lock, one holds and seven are refused', async () => {
  const killed = await hold();
  await killed.end('SIGKILL');
  const holders = await Promise.all(Array.from({ length: 8 }, () => hold()));
  const names = holders.map(({ answer }) => (answer.ready ? 'ready' : answer.name)).sort();
  expect(names).toEqual([...Array<string>(7).fill('EngineRunningError'), 'ready']);
});

test('two first starts at once make one cluster', async () => {
  const holders = await Promise.all([hold(), hold()]);
  expect(holders.map(({ answer }) => answer.ready).sort()).toEqual([false, true]);
});

test('a postmaster.pid whose pid another program has by now is no obstacle', async () => {
  const first = await startEmbeddedPostgres({ dataDir, log });
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const text = readFileSync(file, 'utf8');
  await first.stop();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(bystander);
  writeFileSync(file, text.replace(/^\d+/, String(bystander.pid)));
  const second = await startEmbeddedPostgres({ dataDir, log });
  expect(second.adopted).toBe(false);
  await second.stop();
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
});

test('a Postgres that dies is started again at the same address', async () => {
  const engine = await startEmbeddedPostgres({ dataDir, log });
  const pool = createPool({ url: engine.url, applicationName: 'engine-spec' });
  try {
    await pool.query('create table kept as select 42 as n');
    const before = await postgresPid();
    process.kill(before, 'SIGKILL');
    let rows: unknown;
    for (let tries = 0; tries < 300 && rows === undefined; tries++) {
      await sleep(100);
      rows = await pool.query('select n from kept').then((result) => result.rows as unknown, log);
    }
    expect(rows).toEqual([{ n: 42 }]);
    expect(await postgresPid()).not.toBe(before);
  } finally {
    await pool.end();
    await engine.stop();
  }
});

test('a folder whose path is too long for a socket gets a TCP port on loopback', async () => {
  const long = join(base, 'd'.repeat(100));
  dataDir = long;
  const engine = await startEmbeddedPostgres({ dataDir, log });
  try {
    expect(new URL(engine.url).hostname).toBe('127.0.0.1');
    expect(new URL(engine.url).searchParams.has('host')).toBe(false);
    expect(await query(engine.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  } finally {
    await engine.stop();
  }
});

test('a folder of another Postgres major is refused with the way out', async () => {
  await (await startEmbeddedPostgres({ dataDir, log })).stop();
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '14\n');
  await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(
    /written by Postgres 14, this program brings Postgres \d+.*ledger backup.*ledger restore/,
  );
  expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
});

test('a folder that is no Postgres folder, and a lost password, are refused by name', async () => {
  await (await startEmbeddedPostgres({ dataDir, log })).stop();
  rmSync(join(dataDir, 'postgres.password'));
  await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/postgres\.password.*is missing/);
  rmSync(join(dataDir, 'postgres', 'PG_VERSION'));
  await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/is not a Postgres data folder/);
});

const asRoot = process.getuid?.() === 0;

(asRoot ? test : test.skip)(
  'as root, a closed parent folder is refused by name with the way out',
  async () => {
    chmodSync(base, 0o700);
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(
      new RegExp(`${base} is closed to the user "postgres" \\(mode 0700\\).*chmod o\\+x ${base}.*DATA_DIR`),
    );
  },
);
