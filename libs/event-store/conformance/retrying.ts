import { expect, test } from '@jest/globals';
import { AppendOutcomeUnknownError, WrongExpectedRevisionError } from '../errors.js';
import type { LostReply } from '../memory-store.js';
import { collect, event, events, namesOf, withStore, type OpenStore, type OpenedStore } from './harness.js';

/** An append repeated with the same ids and the same original expectation has one effect and one result. */
export function retryCases(open: OpenStore): void {
  test('gives the first result, also after other events followed', () =>
    withStore(open, async ({ store, other }) => {
      await store.append('wallet-a', events('before', 2), { expected: 'no_stream' });
      const batch = events('batch', 3);
      const first = await store.append('wallet-a', batch, { expected: 1 });
      expect(await store.append('wallet-a', batch, { expected: 1 })).toEqual(first);
      await store.append('wallet-a', events('after', 2), { expected: 4 });
      expect(await store.append('wallet-a', batch, { expected: 1 })).toEqual(first);
      expect(await other.append('wallet-a', batch, { expected: 1 })).toEqual(first);
      expect(await collect(store.readStream('wallet-a'))).toHaveLength(7);
    }));

  test('keeps what was written first when the data differs', () =>
    withStore(open, async ({ store }) => {
      const first = await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      const changed = event('one', { data: '{"name":"changed"}' });
      expect(await store.append('wallet-a', [changed], { expected: 'no_stream' })).toEqual(first);
      expect(namesOf(await collect(store.readStream('wallet-a')))).toEqual(['one']);
    }));

  test('conflicts when only some of its events are there', () =>
    withStore(open, async ({ store }) => {
      const [a, b, c] = events('e', 3) as [
        ReturnType<typeof event>,
        ReturnType<typeof event>,
        ReturnType<typeof event>,
      ];
      await store.append('wallet-a', [a, b], { expected: 'no_stream' });
      const conflict = (list: readonly (typeof a)[]) =>
        expect(store.append('wallet-a', list, { expected: 'no_stream' })).rejects.toMatchObject({
          actual: 1,
        });
      await conflict([a, b, c]);
      await conflict([b, c]);
      await conflict([c, a]);
      await conflict([b, a]);
      await conflict([c]);
      expect(await collect(store.readStream('wallet-a'))).toHaveLength(2);
    }));

  test('twice at the same moment, by two processes too, is written once', () =>
    withStore(open, async ({ store, other }) => {
      const batch = events('e', 2);
      const results = await Promise.all(
        [store, other, store, other].map((one) => one.append('wallet-a', batch, { expected: 'no_stream' })),
      );
      for (const result of results) expect(result).toEqual(results[0]);
      expect(await collect(store.readStream('wallet-a'))).toHaveLength(2);
    }));

  unknownOutcomeCases(open);
  lateCases(open);
}

function unknownOutcomeCases(open: OpenStore): void {
  test.each<[LostReply, number]>([
    ['before-commit', 0],
    ['after-commit', 2],
  ])('after a reply lost %s is written exactly once', (when, there) =>
    withStore(open, async (opened) => {
      const { store } = opened;
      await losing(opened, when);
      expect(await collect(store.readStream('wallet-a'))).toHaveLength(there);
      const retried = await store.append('wallet-a', BATCH, { expected: 'no_stream' });
      expect(retried.revision).toBe(1);
      await expectOnce(opened);
    }),
  );

  test('after a reply lost before commit conflicts when another writer came first', () =>
    withStore(open, async (opened) => {
      await losing(opened, 'before-commit');
      await opened.other.append('wallet-a', [event('rival')], { expected: 'no_stream' });
      const retried = opened.store.append('wallet-a', BATCH, { expected: 'no_stream' });
      await expect(retried).rejects.toMatchObject({ name: 'WrongExpectedRevisionError', actual: 0 });
    }));
}

/** The first try arrives only after the stream was read again. */
function lateCases(open: OpenStore): void {
  test('finds the first try that committed after the re-read', () =>
    withStore(open, async (opened) => {
      const late = await losing(opened, 'late');
      expect(await collect(opened.store.readStream('wallet-a'))).toHaveLength(0);
      await late.release();
      const retried = await opened.store.append('wallet-a', BATCH, { expected: 'no_stream' });
      expect(retried.revision).toBe(1);
      await expectOnce(opened);
    }));

  test('makes the first try that arrives behind it do nothing', () =>
    withStore(open, async (opened) => {
      const late = await losing(opened, 'late');
      expect(await collect(opened.store.readStream('wallet-a'))).toHaveLength(0);
      await opened.store.append('wallet-a', BATCH, { expected: 'no_stream' });
      await late.release();
      await expectOnce(opened);
    }));

  test('that conflicts has proven the first try dead', () =>
    withStore(open, async (opened) => {
      const late = await losing(opened, 'late');
      await opened.other.append('wallet-a', [event('rival')], { expected: 'no_stream' });
      const retried = opened.store.append('wallet-a', BATCH, { expected: 'no_stream' });
      await expect(retried).rejects.toBeInstanceOf(WrongExpectedRevisionError);
      await late.release();
      expect(namesOf(await collect(opened.store.readStream('wallet-a')))).toEqual(['rival']);
    }));
}

const BATCH = events('lost', 2);

async function losing({ store, loseNextReply }: OpenedStore, when: LostReply) {
  const loss = await loseNextReply(when);
  const lost = await store
    .append('wallet-a', BATCH, { expected: 'no_stream' })
    .catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(AppendOutcomeUnknownError);
  return loss;
}

async function expectOnce({ store }: OpenedStore): Promise<void> {
  expect(namesOf(await collect(store.readStream('wallet-a')))).toEqual(['lost.0', 'lost.1']);
  expect(await collect(store.readAll())).toHaveLength(2);
}
