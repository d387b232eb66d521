import { describe, expect, test } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import type { ApiDeps } from '../deps.js';
import { HealthController } from './health.controller.js';

const NOW = Date.UTC(2026, 10, 20, 16);
const CHECKPOINT = { name: 'balances', position: 40n, recordedAt: NOW - 1, events: 40 };

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Readiness of a process whose clock is so far off the store's. */
async function ready(
  skewMs: number,
  change: Partial<Record<'store' | 'reads' | 'followers', object>> = {},
): Promise<Answer> {
  const deps = {
    store: {
      logId: '0a1b2c3d',
      now: () => Promise.resolve(NOW),
      head: () => Promise.resolve(42n),
      ...change.store,
    },
    reads: { checkpoints: () => Promise.resolve([CHECKPOINT]), ...change.reads },
    followers: change.followers,
    clock: { now: () => NOW + skewMs },
    logger: { warn: () => undefined, error: () => undefined },
  };
  let answer: Answer | undefined;
  const reply = {
    code: (status: number) => ({
      send: (body: Record<string, unknown>) => {
        answer = { status, body };
      },
    }),
  };
  await new HealthController(deps as unknown as ApiDeps).ready(reply as unknown as FastifyReply);
  return answer!;
}

describe("readiness fails when the process clock is more than 2 s off the store's", () => {
  test.each([0, 2_000, -2_000])('%s ms off: ready', async (skewMs) => {
    expect(await ready(skewMs)).toMatchObject({
      status: 200,
      body: { status: 'ready', problems: [], clockSkewMs: skewMs },
    });
  });

  test.each([2_001, -2_001])('%s ms off: not ready, and it says why', async (skewMs) => {
    expect(await ready(skewMs)).toMatchObject({
      status: 503,
      body: {
        status: 'not_ready',
        problems: [`the clock is ${skewMs} ms off the store's, at most 2000 are allowed`],
      },
    });
  });
});

describe('readiness', () => {
  const away = () => Promise.reject(new Error('gone'));

  test.each([
    ['the event store does not answer', { store: { now: away } }],
    ['the head of the log cannot be read', { store: { head: away } }],
    ['the read models do not answer', { reads: { checkpoints: away } }],
  ])('fails when %s', async (problem, change) => {
    expect(await ready(0, change)).toMatchObject({ status: 503, body: { problems: [problem] } });
  });

  test('says how far each view is behind the log', async () => {
    expect((await ready(0)).body['views']).toEqual([
      {
        name: 'balances',
        position: '0a1b2c3d-40',
        behind: '2',
        events: 40,
        recordedAt: '2026-11-20T15:59:59.999Z',
      },
    ]);
  });
});

test('a view that is behind and does not move is named after 30 s', async () => {
  let now = NOW;
  let position = 40n;
  const controller = new HealthController({
    store: { logId: '0a1b2c3d', now: () => Promise.resolve(now), head: () => Promise.resolve(42n) },
    reads: { checkpoints: () => Promise.resolve([{ ...CHECKPOINT, position }]) },
    clock: { now: () => now },
    logger: { warn: () => undefined, error: () => undefined },
  } as unknown as ApiDeps);
  const notesAt = async (t: number): Promise<readonly string[]> => {
    now = t;
    let notes: readonly string[] = [];
    const send = (body: { readonly notes: readonly string[] }) => void (notes = body.notes);
    await controller.ready({ code: () => ({ send }) } as unknown as FastifyReply);
    return notes.filter((note) => note.startsWith('View'));
  };
  expect(await notesAt(NOW)).toEqual([]);
  expect(await notesAt(NOW + 29_999)).toEqual([]);
  expect(await notesAt(NOW + 30_000)).toEqual([
    "View balances shows the log up to 0a1b2c3d-40, which is not its head, and has not moved for 30 s: see the projector's log.",
  ]);
  position = 41n;
  expect(await notesAt(NOW + 60_000)).toEqual([]);
  position = 42n;
  expect(await notesAt(NOW + 120_000)).toEqual([]);
});

test('roles that no process runs are named at once, one that stands still with work to do after 30 s', async () => {
  let now = NOW;
  let place = 'a-1';
  let waiting = 2;
  const controller = new HealthController({
    store: { logId: '0a1b2c3d', now: () => Promise.resolve(now), head: () => Promise.resolve(40n) },
    reads: { checkpoints: () => Promise.resolve([CHECKPOINT]) },
    clock: { now: () => now },
    logger: { warn: () => undefined, error: () => undefined },
    reach: 'any-host',
    followers: async () => [
      { role: 'settlement', led: true, work: { waiting, of: "creators' shares", place } },
      { role: 'sweeper', led: false },
    ],
  } as unknown as ApiDeps);
  const notesAt = async (t: number): Promise<readonly string[]> => {
    now = t;
    return (await controller.readiness.ask()).notes;
  };
  const sweeper = 'No process runs the role sweeper: start one, for what it does waits.';
  expect(await notesAt(NOW)).toEqual([expect.stringMatching(/a firewall or a container network/), sweeper]);
  expect(await notesAt(NOW + 30_000)).toEqual([
    expect.anything(),
    "The role settlement has 2 creators' shares to do and has not moved for 30 s: see its log.",
    sweeper,
  ]);
  place = 'a-2';
  expect(await notesAt(NOW + 60_000)).toHaveLength(2);
  waiting = 0;
  expect(await notesAt(NOW + 120_000)).toHaveLength(2);
});

test('followers that cannot be asked for do not make the api unready', async () => {
  const { status } = await ready(0);
  const deps = { followers: () => Promise.reject(new Error('gone')) };
  expect([status, (await ready(0, deps)).status]).toEqual([200, 200]);
});
