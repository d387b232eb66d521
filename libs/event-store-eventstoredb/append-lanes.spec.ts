import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { AppendLanes, APPENDS_IN_FLIGHT_MAX, BULK_APPENDS_IN_FLIGHT_MAX } from './append-lanes.js';

/** Appends that are answered when told to. */
class Server {
  readonly arrived: string[] = [];
  readonly #answers = new Map<string, (error?: Error) => void>();

  append(name: string): () => Promise<string> {
    return () => {
      this.arrived.push(name);
      return new Promise((resolve, reject) =>
        this.#answers.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    };
  }

  async answer(name: string, error?: Error): Promise<void> {
    this.#answers.get(name)!(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);

test('appends of one stream go one after another, in order, also behind one that failed', async () => {
  const server = new Server();
  const lanes = new AppendLanes();
  const all = ['a', 'b', 'c'].map((name) => lanes.run('wallet-1', false, server.append(name)));
  const other = lanes.run('wallet-2', false, server.append('x'));
  expect(server.arrived).toEqual(['a', 'x']);
  await server.answer('a', new Error('refused'));
  await expect(all[0]).rejects.toThrow('refused');
  expect(server.arrived).toEqual(['a', 'x', 'b']);
  await server.answer('b');
  await server.answer('c');
  await server.answer('x');
  expect(await Promise.all([all[1], all[2], other])).toEqual(['b', 'c', 'x']);
});

test('no more are on their way than the limit says', async () => {
  const server = new Server();
  const lanes = new AppendLanes();
  const names = many(APPENDS_IN_FLIGHT_MAX + 5, 'w');
  const all = names.map((name) => lanes.run(`wallet-${name}`, false, server.append(name)));
  expect(server.arrived).toHaveLength(APPENDS_IN_FLIGHT_MAX);
  for (const name of names) await server.answer(name);
  expect(await Promise.all(all)).toEqual(names);
});

test('a bulk leaves room for single appends, which go first', async () => {
  const server = new Server();
  const lanes = new AppendLanes();
  const bulk = many(APPENDS_IN_FLIGHT_MAX, 'b');
  const single = many(APPENDS_IN_FLIGHT_MAX, 's');
  const all = bulk.map((name) => lanes.run(`wallet-${name}`, true, server.append(name)));
  expect(server.arrived).toEqual(bulk.slice(0, BULK_APPENDS_IN_FLIGHT_MAX));
  all.push(...single.map((name) => lanes.run(`wallet-${name}`, false, server.append(name))));
  expect(server.arrived.slice(BULK_APPENDS_IN_FLIGHT_MAX)).toEqual(
    single.slice(0, APPENDS_IN_FLIGHT_MAX - BULK_APPENDS_IN_FLIGHT_MAX),
  );
  await server.answer('b0');
  expect(server.arrived.at(-1)).toBe('s48');
  for (const name of [...bulk.slice(1, 16), ...single, ...bulk.slice(16)]) await server.answer(name);
  expect(await Promise.all(all)).toHaveLength(2 * APPENDS_IN_FLIGHT_MAX);
});

test('closing refuses what waits, everywhere, and waits for what is on its way', async () => {
  const server = new Server();
  const lanes = new AppendLanes();
  const flying = many(APPENDS_IN_FLIGHT_MAX, 'f').map((name) =>
    lanes.run(`wallet-${name}`, false, server.append(name)),
  );
  const behind = [
    lanes.run('wallet-f0', false, server.append('behind the first of its stream')),
    lanes.run('wallet-new', false, server.append('behind the limit')),
  ];
  for (const one of behind) one.catch(() => undefined);
  let closed = false;
  const closing = lanes.close().then(() => (closed = true));
  for (const name of many(APPENDS_IN_FLIGHT_MAX, 'f')) {
    expect(closed).toBe(false);
    await server.answer(name);
  }
  await closing;
  await Promise.all(flying);
  for (const one of behind) await expect(one).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(lanes.run('wallet-late', false, server.append('late'))).rejects.toBeInstanceOf(
    StoreUnavailableError,
  );
  expect(server.arrived).toHaveLength(APPENDS_IN_FLIGHT_MAX);
});
