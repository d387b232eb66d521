import type { ClientBase, Pool } from 'pg';
import { err, ok, type Result } from '#libs/kernel/result.js';
import { PLATFORM_MIGRATIONS } from '#libs/platform/checkpoints.js';
import { type KeyedRequest, onceForKey } from '#libs/platform/keyed-requests.js';
import { migrate } from '#libs/platform/migrations.js';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

const COPIES = 50;
const REQUEST: KeyedRequest = { principal: 'local', scope: 'things:u-1', key: 'k', bodyHash: 'h' };

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  const client = await connectClient({ url: database.url, applicationName: 'test' });
  await migrate(client, PLATFORM_MIGRATIONS);
  await client.query('create table effects (what text not null)');
  await client.end();
  pool = createPool({ url: database.url, applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const effect =
  (what: string) =>
  async (tx: ClientBase): Promise<Result<string, never>> => {
    await tx.query('insert into effects values ($1)', [what]);
    return ok(`did ${what}`);
  };

async function effects(what: string): Promise<number> {
  return (await pool.query('select from effects where what = $1', [what])).rowCount!;
}

test(`${COPIES} copies at once have one effect and one reply`, async () => {
  const all = await Promise.all(
    Array.from({ length: COPIES }, () => onceForKey(pool, REQUEST, effect('once'))),
  );
  expect(all.filter((each) => each.kind === 'done' && !each.replayed)).toHaveLength(1);
  expect(all.every((each) => each.kind === 'done' && each.reply === 'did once')).toBe(true);
  expect(await effects('once')).toBe(1);
});

test('another body under the same key does nothing', async () => {
  const asked = { ...REQUEST, bodyHash: 'other' };
  expect(await onceForKey(pool, asked, effect('other body'))).toEqual({ kind: 'reused' });
  expect(await effects('other body')).toBe(0);
});

test.each([
  ['principal', { principal: 'another' }],
  ['scope', { scope: 'things:u-2' }],
])('the same key of another %s is another key', async (name, change) => {
  const asked = { ...REQUEST, ...change };
  expect(await onceForKey(pool, asked, effect(name))).toMatchObject({ kind: 'done', replayed: false });
});

test('what is refused writes nothing and is judged afresh', async () => {
  const asked = { ...REQUEST, key: 'refused first' };
  const refused = await onceForKey(pool, asked, async (tx) => {
    await effect('refused')(tx);
    return err('no');
  });
  expect(refused).toEqual({ kind: 'refused', refusal: 'no' });
  expect(await effects('refused')).toBe(0);
  expect(await onceForKey(pool, asked, effect('refused'))).toMatchObject({ replayed: false });
});

test('what fails in the middle writes nothing, and the pool stays whole', async () => {
  const asked = { ...REQUEST, key: 'fails first' };
  const failing = onceForKey(pool, asked, async (tx) => {
    await effect('failed')(tx);
    await tx.query('select 1/0');
    return ok('never');
  });
  await expect(failing).rejects.toThrow('division by zero');
  expect(await effects('failed')).toBe(0);
  expect(await onceForKey(pool, asked, effect('failed'))).toMatchObject({ replayed: false });
  expect(pool.idleCount).toBe(pool.totalCount);
});
