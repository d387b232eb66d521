import { expect, test } from '@jest/globals';
import { WrongExpectedRevisionError } from '../errors.js';
import type { ExpectedRevision } from '../port.js';
import { collect, event, events, namesOf, withStore, type OpenStore } from './harness.js';

const CONCURRENT_STREAMS = 40;
const RIVALS = 12;

/** Atomicity, order, expected revisions. */
export function appendCases(open: OpenStore): void {
  test('the first event of a stream has revision 0 and a position behind the start', () =>
    withStore(open, async ({ store }) => {
      const result = await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      expect(result.revision).toBe(0);
      expect(result.positions).toHaveLength(1);
      expect(result.positions[0]).toBeGreaterThan(0n);
      expect(await store.head()).toBe(result.positions[0]);
    }));

  test('positions strictly increase, inside one append too, and the events carry them', () =>
    withStore(open, async ({ store }) => {
      const first = await store.append('wallet-a', events('a', 3), { expected: 'no_stream' });
      const second = await store.append('wallet-b', events('b', 2), { expected: 'no_stream' });
      const third = await store.append('wallet-a', events('c', 1), { expected: 2 });
      expect([first.revision, second.revision, third.revision]).toEqual([2, 1, 3]);
      const positions = [...first.positions, ...second.positions, ...third.positions];
      for (let i = 1; i < positions.length; i++) expect(positions[i]).toBeGreaterThan(positions[i - 1]!);
      const all = await collect(store.readAll());
      expect(all.map((one) => one.position)).toEqual(positions);
      expect(all.map((one) => `${one.stream}@${one.revision}`)).toEqual(
        ['a@0', 'a@1', 'a@2', 'b@0', 'b@1', 'a@3'].map((place) => `wallet-${place}`),
      );
    }));

  conflictCases(open);

  test(`of ${RIVALS} appends at once with the same expectation exactly one is written`, () =>
    withStore(open, async ({ store, other }) => {
      const tries = await Promise.allSettled(
        Array.from({ length: RIVALS }, (_, i) =>
          (i % 2 ? store : other).append('wallet-a', events(`rival-${i}`, 2), { expected: 'no_stream' }),
        ),
      );
      const won = tries.filter((one) => one.status === 'fulfilled');
      const lost = tries.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown);
      expect(won).toHaveLength(1);
      for (const reason of lost) expect(reason).toBeInstanceOf(WrongExpectedRevisionError);
      expect(await collect(store.readStream('wallet-a'))).toHaveLength(2);
    }));

  test('a conflict fails only its own stream', () =>
    withStore(open, async ({ store }) => {
      await store.append('wallet-taken', [event('there')], { expected: 'no_stream' });
      const streams = Array.from({ length: CONCURRENT_STREAMS }, (_, i) => `wallet-${i}`);
      const good = Promise.all(streams.slice(0, CONCURRENT_STREAMS / 2).map((stream) => write(stream)));
      const bad = store.append('wallet-taken', [event('late')], { expected: 'no_stream' });
      const rest = Promise.all(streams.slice(CONCURRENT_STREAMS / 2).map((stream) => write(stream)));
      await expect(bad).rejects.toBeInstanceOf(WrongExpectedRevisionError);
      for (const result of [...(await good), ...(await rest)]) expect(result.revision).toBe(1);
      expect(await collect(store.readAll())).toHaveLength(1 + 2 * CONCURRENT_STREAMS);

      function write(stream: string) {
        return store.append(stream, events(stream, 2), { expected: 'no_stream' });
      }
    }));

  test('appends of one stream given one after another without waiting are taken in that order', () =>
    withStore(open, async ({ store }) => {
      const expected = (i: number): ExpectedRevision => (i === 0 ? 'no_stream' : i - 1);
      const inOrder = Array.from({ length: 20 }, (_, i) =>
        store.append('wallet-a', [event(`n${i}`)], { expected: expected(i) }),
      );
      expect((await Promise.all(inOrder)).map((result) => result.revision)).toEqual(inOrder.map((_, i) => i));
    }));
}

function conflictCases(open: OpenStore): void {
  const rows: { what: string; expected: ExpectedRevision; there: number; actual: number | 'no_stream' }[] = [
    { what: 'no stream, but it has events', expected: 'no_stream', there: 3, actual: 2 },
    { what: 'an older revision', expected: 1, there: 3, actual: 2 },
    { what: 'a newer revision', expected: 7, there: 3, actual: 2 },
    { what: 'a revision of a stream that has no events', expected: 0, there: 0, actual: 'no_stream' },
  ];
  test.each(rows)('expecting $what is a conflict naming the revision', ({ expected, there, actual }) =>
    withStore(open, async ({ store }) => {
      if (there > 0) await store.append('wallet-a', events('there', there), { expected: 'no_stream' });
      const refused = await store
        .append('wallet-a', events('new', 2), { expected })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WrongExpectedRevisionError);
      expect(refused).toMatchObject({ stream: 'wallet-a', expected, actual });
      expect(namesOf(await collect(store.readAll()))).toEqual(
        events('there', there).map(({ data }) => nameIn(data)),
      );
    }),
  );
}

function nameIn(data: string): string {
  return (JSON.parse(data) as { name: string }).name;
}
