import { expect, test } from '@jest/globals';
import { PositionBeyondHeadError } from '../errors.js';
import { LOG_START, type EventFilter } from '../port.js';
import {
  caughtUp,
  event,
  events,
  eventually,
  follow,
  followUntil,
  namesOf,
  withStore,
  type OpenStore,
  type OpenedStore,
} from './harness.js';

/** Order, filters, checkpoints, caught-up marks, ending. */
export function subscriptionCases(open: OpenStore): void {
  test('an empty log is caught up at once, at its start', () =>
    withStore(open, async ({ store }) => {
      const { messages } = await followUntil(store, { after: LOG_START }, caughtUp);
      expect(messages).toEqual([{ kind: 'caught-up', checkpoint: LOG_START }]);
    }));

  test('what is there comes in order, then a caught-up mark, then what is appended, then the mark again', () =>
    withStore(open, async ({ store, other }) => {
      await store.append('wallet-a', events('old', 3), { expected: 'no_stream' });
      let marks = 0;
      const { seen, messages } = await followUntil(store, { after: LOG_START }, (message, soFar) => {
        if (message.kind === 'caught-up' && ++marks === 1) {
          expect(namesOf(soFar)).toEqual(['old.0', 'old.1', 'old.2']);
          void other.append('wallet-b', events('new', 2), { expected: 'no_stream' });
        }
        return soFar.length === 5 && message.kind === 'caught-up';
      });
      expect(namesOf(seen)).toEqual(['old.0', 'old.1', 'old.2', 'new.0', 'new.1']);
      expect(marks).toBeGreaterThanOrEqual(2);
      expect(messages.at(-1)).toEqual({ kind: 'caught-up', checkpoint: await store.head() });
    }));

  test('no batch is longer than asked, and every checkpoint resumes exactly behind its batch', () =>
    withStore(open, async ({ store }) => {
      await store.append('wallet-a', events('e', 25), { expected: 'no_stream' });
      const { messages } = await followUntil(store, { after: LOG_START, batchSizeMax: 7 }, caughtUp);
      let handedOver = 0;
      for (const message of messages) {
        if (message.kind === 'batch') {
          expect(message.events.length).toBeLessThanOrEqual(7);
          handedOver += message.events.length;
        }
        const { seen } = await followUntil(store, { after: message.checkpoint }, caughtUp);
        expect(namesOf(seen)).toEqual(
          events('e', 25)
            .map((_, i) => `e.${i}`)
            .slice(handedOver),
        );
      }
      expect(handedOver).toBe(25);
    }));

  filterCases(open);
  endingCases(open);
}

function filterCases(open: OpenStore): void {
  const rows: { what: string; filter: EventFilter; names: string[] }[] = [
    { what: 'types', filter: { types: ['Paid.v1'] }, names: ['w2', 'c2'] },
    {
      what: 'several types',
      filter: { types: ['Paid.v1', 'Opened.v1', 'Never.v1'] },
      names: ['w1', 'w2', 'c1', 'c2', 'x1'],
    },
    { what: 'categories', filter: { categories: ['wallet'] }, names: ['w1', 'w2'] },
    { what: 'several categories', filter: { categories: ['creator', 'walletx'] }, names: ['c1', 'c2', 'x1'] },
    {
      what: 'types and categories',
      filter: { types: ['Opened.v1'], categories: ['creator'] },
      names: ['c1'],
    },
    { what: 'what nothing matches', filter: { types: ['Never.v1'] }, names: [] },
    { what: 'no type at all', filter: { types: [] }, names: [] },
  ];
  test.each(rows)(
    'a filter by $what, at the start and live, with the checkpoint at the head',
    ({ filter, names }) =>
      withStore(open, async (opened) => {
        await writeMixed(opened, '');
        const first = await followUntil(opened.store, { after: LOG_START, ...filter }, caughtUp);
        expect(namesOf(first.seen)).toEqual(names);
        expect(first.messages.at(-1)).toEqual({ kind: 'caught-up', checkpoint: await opened.store.head() });
        const live = follow(opened.other, { after: LOG_START, ...filter });
        await eventually('caught up', () => live.messages.some(caughtUp));
        await writeMixed(opened, 'live-');
        const target = await opened.store.head();
        await eventually('the head', () => {
          const last = live.messages.at(-1);
          return last?.kind === 'caught-up' && last.checkpoint === target;
        });
        await live.stop();
        expect(namesOf(live.seen)).toEqual([...names, ...names.map((name) => `live-${name}`)]);
      }),
  );
}

async function writeMixed({ store }: OpenedStore, prefix: string): Promise<void> {
  const opened = (name: string) => event(prefix + name, { type: 'Opened.v1' });
  const paid = (name: string) => event(prefix + name, { type: 'Paid.v1' });
  await store.append(`wallet-${prefix}a`, [opened('w1'), paid('w2')], { expected: 'no_stream' });
  await store.append(`creator-${prefix}a`, [opened('c1'), paid('c2')], { expected: 'no_stream' });
  await store.append(`walletx-${prefix}a`, [opened('x1')], { expected: 'no_stream' });
}

function endingCases(open: OpenStore): void {
  test('aborting ends it normally: before the first read, while waiting and between batches', () =>
    withStore(open, async ({ store }) => {
      await store.append('wallet-a', events('e', 20), { expected: 'no_stream' });
      const ended = async (abortWhen: (kind: string) => boolean, before = false): Promise<number> => {
        const abort = new AbortController();
        if (before) abort.abort();
        let messages = 0;
        for await (const message of store.subscribe({
          after: LOG_START,
          signal: abort.signal,
          batchSizeMax: 5,
        })) {
          messages++;
          if (abortWhen(message.kind)) abort.abort();
        }
        return messages;
      };
      expect(await ended(() => true, true)).toBe(0);
      expect(await ended(() => true)).toBe(1);
      expect(await ended((kind) => kind === 'caught-up')).toBe(5);
    }));

  test('an abort from outside ends one that waits, within moments', () =>
    withStore(open, async ({ store }) => {
      const abort = new AbortController();
      const messages: string[] = [];
      const done = (async () => {
        for await (const { kind } of store.subscribe({ after: LOG_START, signal: abort.signal }))
          messages.push(kind);
      })();
      await eventually('caught up', () => messages.length === 1);
      const before = performance.now();
      abort.abort();
      await done;
      expect(performance.now() - before).toBeLessThan(500);
    }));

  test('closing the store ends it normally', () =>
    withStore(open, async ({ other }) => {
      const kinds: string[] = [];
      const done = (async () => {
        const { signal } = new AbortController();
        for await (const { kind } of other.subscribe({ after: LOG_START, signal })) kinds.push(kind);
      })();
      await eventually('caught up', () => kinds.length === 1);
      await other.close();
      await done;
      expect(kinds).toEqual(['caught-up']);
    }));

  test('a checkpoint beyond the head stops it by name', () =>
    withStore(open, async ({ store }) => {
      await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      const after = (await store.head()) + 1n;
      await expect(followUntil(store, { after }, () => false)).rejects.toBeInstanceOf(
        PositionBeyondHeadError,
      );
    }));
}
