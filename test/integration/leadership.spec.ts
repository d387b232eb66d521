import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { readLeaders } from '#libs/platform/leaders.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

let database: TestDatabase;
let admin: Client;
let end: AbortController;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await connectClient({ url: database.url, applicationName: 'admin' });
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});
beforeEach(() => {
  end = new AbortController();
});

interface Candidate {
  readonly terms: { readonly from: number; to?: number }[];
  readonly done: Promise<void>;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

function candidate(name: string): Candidate {
  const terms: Candidate['terms'] = [];
  const work = async (signal: AbortSignal): Promise<void> => {
    const term: Candidate['terms'][number] = { from: performance.now() };
    terms.push(term);
    await aborted(signal);
    term.to = performance.now();
  };
  return {
    terms,
    done: runAsLeader({ url: database.url, name, signal: end.signal, work, retryDelayMs: 20 }),
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 500; tries++) await sleep(10);
  expect(condition()).toBe(true);
}

const killLeader = (name: string): Promise<unknown> =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and application_name = $1`,
    [`leader ${name}`],
  );

test('of three candidates one leads; when all are told to end, all do', async () => {
  const candidates = [candidate('one'), candidate('one'), candidate('one')];
  const terms = (): number => candidates.flatMap((each) => each.terms).length;
  await until(() => terms() === 1);
  await sleep(200);
  expect(terms()).toBe(1);
  end.abort();
  await Promise.all(candidates.map((each) => each.done));
  expect(terms()).toBe(1);
});

test('other names do not get in the way', async () => {
  const candidates = [candidate('apples'), candidate('pears')];
  await until(() => candidates.every((each) => each.terms.length === 1));
  end.abort();
  await Promise.all(candidates.map((each) => each.done));
});

test('a leader whose connection fails is told at once, and somebody leads again', async () => {
  const candidates = [candidate('lost'), candidate('lost')];
  const terms = (): Candidate['terms'] => candidates.flatMap((each) => each.terms);
  await until(() => terms().length === 1);
  const [first] = terms();
  const killedAt = performance.now();
  await killLeader('lost');
  await until(() => first?.to !== undefined);
  expect((first?.to ?? Infinity) - killedAt).toBeLessThan(1_000);
  await until(() => terms().length === 2);
  end.abort();
  await Promise.all(candidates.map((each) => each.done));
});

test('work that ends by itself gives the lock to the next, work that throws is heard', async () => {
  const run = (work: () => Promise<void>): Promise<void> =>
    runAsLeader({ url: database.url, name: 'short', signal: end.signal, work, retryDelayMs: 20 });
  const order: string[] = [];
  await run(async () => void order.push('first'));
  await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await run(async () => void order.push('third'));
  expect(order).toEqual(['first', 'third']);
});

test('while Postgres cannot be reached it tries again, says so, and can be told to end', async () => {
  const troubles: string[] = [];
  const done = runAsLeader({
    url: 'postgres://nobody@127.0.0.1:1/none',
    name: 'nowhere',
    signal: end.signal,
    work: () => Promise.resolve(),
    retryDelayMs: 20,
    onTrouble: (error) => troubles.push(error.message),
  });
  await until(() => troubles.length >= 2);
  expect(troubles[0]).toMatch(/ECONNREFUSED/);
  end.abort();
  await done;
});

describe('a pool', () => {
  test('takes on role, name and time-outs before the first statement', async () => {
    await admin.query(`create role pool_spec_reader`);
    const pool = createPool({
      url: database.url,
      applicationName: 'pool-spec',
      role: 'pool_spec_reader',
      lockTimeoutMs: 1_234,
    });
    try {
      const { rows } = await pool.query(
        `select current_user::text as role, current_setting('application_name') as name,
                current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
                current_setting('idle_in_transaction_session_timeout') as idle`,
      );
      expect(rows).toEqual([
        { role: 'pool_spec_reader', name: 'pool-spec', lock: '1234ms', statement: '30s', idle: '10s' },
      ]);
    } finally {
      await pool.end();
      await admin.query('drop role pool_spec_reader');
    }
  });

  test('survives the loss of idle and of borrowed connections', async () => {
    const heard: string[] = [];
    const pool = createPool({
      url: database.url,
      applicationName: 'pool-loss',
      onConnectionError: (error) => heard.push(error.message),
    });
    try {
      const borrowed = await pool.connect();
      await pool.query('select 1');
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool-loss'`,
      );
      await until(() => heard.length >= 2);
      borrowed.release(true);
      const { rows } = await pool.query('select 1 as n');
      expect(rows).toEqual([{ n: 1 }]);
    } finally {
      await pool.end();
    }
  });

  test('refuses a role that is not a plain name', () => {
    expect(() => createPool({ url: database.url, applicationName: 'x', role: 'a b' })).toThrow(
      /plain lower-case/,
    );
  });
});

test('whoever asks sees which names some process leads now', async () => {
  const pool = createPool({ url: database.url, applicationName: 'asking' });
  try {
    const names = ['led-1', 'led-2', 'led-3'];
    const leaders = async (): Promise<string[]> => [...(await readLeaders(pool, names))].sort();
    expect(await leaders()).toEqual([]);
    const candidates = [candidate('led-1'), candidate('led-3'), candidate('led-3')];
    await until(() => candidates.flatMap(({ terms }) => terms).length === 2);
    expect(await leaders()).toEqual(['led-1', 'led-3']);
    end.abort();
    await Promise.all(candidates.map(({ done }) => done));
    expect(await leaders()).toEqual([]);
  } finally {
    await pool.end();
  }
});
