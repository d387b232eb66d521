import type { Position } from '#libs/event-store/port.js';
import { RefundId, RunId } from '#libs/kernel/ids.js';
import type { RefundPromptCommand } from '#libs/ledger/wallet/commands.js';
import { LongWallets } from '#test/support/application/long-wallets.js';
import { eventsOf, WatchedStore } from '#test/support/application/watched-store.js';
import {
  asDone,
  codeOf,
  replyText,
  STREAM,
  type WalletProcess,
} from '#test/support/application/wallet-process.js';
import { charge, give, NOW, open, tokens, USER } from '#test/support/ledger/wallet-builders.js';
import { CatchingUpFault, type Done } from './outcome.js';

const EVERY_EVENTS = 20;
const RUNS = 50;

const run = (i: number) => charge({ runId: RunId.of(`run-${i}`), model: 'mixtral-8x7b', tokens: tokens(10) });
const refund = (i: number, refundId: string): RefundPromptCommand => ({
  type: 'RefundPrompt',
  userId: USER,
  runId: RunId.of(`run-${i}`),
  refundId: RefundId.of(refundId),
  amount: 1n,
  reason: 'quality',
});

/** What became of a command: its answer, or the fault's name. */
const told = (answer: Promise<Parameters<typeof codeOf>[0]>): Promise<string> =>
  answer.then(codeOf, (fault: Error) => fault.name);

interface Scene {
  readonly wallets: LongWallets;
  /** First results of `k<i>`. */
  readonly firsts: readonly Done[];
  /** Revision at which a restarted process's window begins. */
  readonly from: number;
}

/** A wallet with runs 0 to 49, one command of two events among them, and a snapshot near its end. */
async function longWallet(): Promise<Scene> {
  const wallets = new LongWallets({ everyEvents: EVERY_EVENTS });
  const process = wallets.start();
  await process.done('open', open());
  await process.done('lapsing', give(1n, { expiresAt: NOW + 30 }));
  const firsts: Done[] = [];
  for (let i = 0; i < RUNS; i++) {
    // From run 30 on a lot has lapsed: that command has an event more.
    wallets.clock.t = NOW + i;
    firsts.push(asDone(await process.send(`k${i}`, run(i))));
  }
  await process.executor.close();
  const from = wallets.snapshots.saves.at(-1)!;
  return { wallets, firsts, from };
}

const revisionOfRun = (i: number): number => 3 + i + (i >= 30 ? 1 : 0);
const runAt = (revision: number): number =>
  Array.from({ length: RUNS }, (_, i) => i).find((i) => revisionOfRun(i) === revision)!;
const POINTS = ['long before', 'at the edge of', 'first in', 'in the middle of', 'last in'] as const;

function runOf(point: (typeof POINTS)[number], from: number): number {
  switch (point) {
    case 'long before':
      return 2;
    case 'at the edge of':
      return runAt(from);
    case 'first in':
      return runAt(from + 1);
    case 'in the middle of':
      return runAt(from + 4);
    case 'last in':
      return RUNS - 1;
  }
}

async function positionOf(wallets: LongWallets, revision: number): Promise<Position> {
  const events = await eventsOf(wallets.log, STREAM);
  return events[revision]!.position;
}

/** What the projection may show; `from` is where the window begins. */
const PROJECTIONS: readonly (readonly [string, (scene: Scene) => Promise<Position | 'head'>])[] = [
  ['up to date', async () => 'head'],
  ['empty', async () => 0n],
  ['stopped long before the window', ({ wallets }) => positionOf(wallets, 5)],
  ['stopped inside a command', ({ wallets }) => positionOf(wallets, revisionOfRun(30) - 1)],
  ['one event behind the window', ({ wallets, from }) => positionOf(wallets, from - 1)],
  ['as far as the window', ({ wallets, from }) => positionOf(wallets, from)],
  ['in the middle of the window', ({ wallets, from }) => positionOf(wallets, from + 3)],
];

describe('a wallet folded from its snapshot', () => {
  test('begins its window at the snapshot and folds only the tail', async () => {
    const { wallets, firsts, from } = await longWallet();
    expect(from).toBeGreaterThanOrEqual(2 * EVERY_EVENTS - 1);
    const store = new WatchedStore(wallets.log);
    const next = asDone(await wallets.start(store).send('next', give(5n)));
    expect(next.balanceAfter?.promo).toBe(firsts.at(-1)!.balanceAfter!.promo + 5n);
    expect(store.reads).toBe(2);
    expect(wallets.outcomes.requests).toEqual([
      [{ stream: STREAM, upTo: from, keys: [{ principal: 'local', key: 'next' }], ids: [] }],
    ]);
  });

  describe.each(PROJECTIONS)('the projection is %s', (_name, shows) => {
    test.each(POINTS)('a key and a run id %s the window', async (point) => {
      const scene = await longWallet();
      const { wallets, firsts, from } = scene;
      wallets.outcomes.shows = await shows(scene);
      const i = runOf(point, from);
      const head = await wallets.log.head();
      const restarted = wallets.start();
      expect(replyText(await restarted.send(`k${i}`, run(i)))).toBe(
        replyText({ ...firsts[i]!, replayed: true }),
      );
      expect(codeOf(await restarted.send(`k${i}`, run(i + 1)))).toBe('request.id_reused');
      for (const process of [restarted, wallets.start()]) {
        expect(await process.send('another key', run(i))).toEqual({
          kind: 'refused',
          refusal: { code: 'run.already_charged', chargedAtRevision: revisionOfRun(i) },
        });
      }
      expect(await wallets.log.head()).toBe(head);
      expect(codeOf(await restarted.send('new', run(RUNS)))).toBe('done');
    });

    test('a command with an event of its own before it, replayed whole', async () => {
      const scene = await longWallet();
      scene.wallets.outcomes.shows = await shows(scene);
      const answer = asDone(await scene.wallets.start().send('k30', run(30)));
      expect(answer.events.map(({ type }) => type)).toEqual(['CreditsExpired', 'PromptCharged']);
      expect(replyText(answer)).toBe(replyText({ ...scene.firsts[30]!, replayed: true }));
    });
  });

  test('what another process wrote behind the snapshot is in the tail: replayed, refused', async () => {
    const { wallets } = await longWallet();
    const restarted = wallets.start();
    await restarted.done('warm', give(1n));
    const first = await wallets.start().send('other', run(77));
    wallets.outcomes.shows = 0n;
    expect(replyText(await restarted.send('other', run(77)))).toBe(
      replyText({ ...asDone(first), replayed: true }),
    );
    expect(codeOf(await restarted.send('more', run(77)))).toBe('run.already_charged');
  });
});

describe('the outcomes cannot be asked', () => {
  const UNUSABLE: readonly (readonly [string, (wallets: LongWallets) => void])[] = [
    ['absent', ({ outcomes }) => (outcomes.shows = 'absent')],
    ['broken', ({ outcomes }) => (outcomes.broken = new Error('connection refused'))],
  ];

  test.each(UNUSABLE)(
    '%s: what the window knows is answered, all else is catching up',
    async (_name, make) => {
      const { wallets, firsts, from } = await longWallet();
      make(wallets);
      const head = await wallets.log.head();
      const process = wallets.start();
      const inside = runOf('in the middle of', from);
      const answers = await Promise.all([
        told(process.send('k2', run(2))),
        told(process.send('new', run(RUNS))),
        told(process.send('another key', run(2))),
        told(process.preview('looking', give(1n))),
      ]);
      expect(answers).toEqual(answers.map(() => CatchingUpFault.name));
      expect(replyText(await process.send(`k${inside}`, run(inside)))).toBe(
        replyText({ ...firsts[inside]!, replayed: true }),
      );
      expect(await wallets.log.head()).toBe(head);
      wallets.outcomes.broken = undefined;
      wallets.outcomes.shows = 'head';
      expect(replyText(await process.send('k2', run(2)))).toBe(replyText({ ...firsts[2]!, replayed: true }));
      expect(codeOf(await process.send('new', run(RUNS)))).toBe('done');
    },
  );

  test('a stream folded from its beginning needs no look-up: it is answered as ever', async () => {
    const wallets = new LongWallets({ everyEvents: 1_000 });
    wallets.outcomes.shows = 'absent';
    const process = wallets.start();
    await process.done('open', open());
    await process.done('k0', run(0));
    expect(codeOf(await wallets.start().send('k', run(0)))).toBe('run.already_charged');
    expect(wallets.outcomes.requests).toEqual([]);
  });

  test('further behind than may be read: catching up, nothing written', async () => {
    const { wallets } = await longWallet();
    wallets.outcomes.shows = 0n;
    const process = wallets.start(wallets.log, { everyEvents: EVERY_EVENTS, gapEventsMax: 10 });
    expect(await told(process.send('k2', run(2)))).toBe(CatchingUpFault.name);
    expect(await told(process.send('new', run(RUNS)))).toBe(CatchingUpFault.name);
    wallets.outcomes.shows = 'head';
    expect(await told(process.send('new', run(RUNS)))).toBe('done');
  });
});

describe('the projection goes back', () => {
  test('a rebuild or a restored Postgres shows less than before: the gap is read, once', async () => {
    const { wallets, firsts } = await longWallet();
    const store = new WatchedStore(wallets.log);
    const process = wallets.start(store);
    await process.done('warm', give(1n));
    wallets.outcomes.shows = await positionOf(wallets, 7);
    for (const i of [2, 10, 30]) {
      expect(replyText(await process.send(`k${i}`, run(i)))).toBe(
        replyText({ ...firsts[i]!, replayed: true }),
      );
    }
    expect(codeOf(await process.send('again', run(20)))).toBe('run.already_charged');
    const before = store.reads;
    await process.done('next', give(1n));
    await process.done('more', run(RUNS));
    expect(store.reads).toBe(before);
  });
});

describe('a hot wallet', () => {
  const WINDOW = 10;

  async function hotWallet(process: (wallets: LongWallets) => WalletProcess) {
    const wallets = new LongWallets({ windowEntries: WINDOW, everyEvents: 100_000 });
    const hot = process(wallets);
    await hot.done('open', open());
    const firsts: Done[] = [];
    for (let i = 0; i < RUNS; i++) firsts.push(await hot.done(`k${i}`, run(i)));
    return { wallets, hot, firsts };
  }

  test('forgets keys and ids that the outcomes have passed, and answers by them', async () => {
    const { wallets, hot, firsts } = await hotWallet((each) => each.start());
    const before = wallets.outcomes.requests.length;
    for (let i = 0; i < RUNS; i++) {
      expect(replyText(await hot.send(`k${i}`, run(i)))).toBe(replyText({ ...firsts[i]!, replayed: true }));
      expect(codeOf(await hot.send('another', run(i)))).toBe('run.already_charged');
    }
    const upTo = wallets.outcomes.requests.slice(before).flatMap((asked) => asked.map((each) => each.upTo));
    expect(Math.max(...upTo)).toBeGreaterThan(RUNS - WINDOW);
  });

  test('forgets nothing while the projection stands still', async () => {
    const { wallets, hot, firsts } = await hotWallet((each) => {
      each.outcomes.shows = 0n;
      return each.start();
    });
    wallets.outcomes.shows = 'absent';
    for (let i = 0; i < RUNS; i++) {
      expect(replyText(await hot.send(`k${i}`, run(i)))).toBe(replyText({ ...firsts[i]!, replayed: true }));
      expect(codeOf(await hot.send('another', run(i)))).toBe('run.already_charged');
    }
  });

  test('asks once a flush, for all of its keys and ids together', async () => {
    const { wallets } = await longWallet();
    const process = wallets.start();
    await process.done('warm', give(1n));
    wallets.outcomes.requests.length = 0;
    await Promise.all(Array.from({ length: 30 }, (_, i) => process.done(`n${i}`, run(1_000 + i))));
    const asked = wallets.outcomes.requests.filter((requests) => requests.length > 0);
    expect(asked.map(([request]) => [request!.keys.length, request!.ids.length])).toEqual([[30, 30]]);
  });
});

describe('an earlier event that a decision needs', () => {
  test('is read from the stream: refunds of charges before and in the window', async () => {
    const { wallets, from } = await longWallet();
    const process = wallets.start();
    const asked = [2, 5, runAt(from), runAt(from + 1), RUNS - 1];
    const answers = await Promise.all(asked.map((i) => process.send(`r${i}`, refund(i, `refund-${i}`))));
    expect(answers.map(codeOf)).toEqual(asked.map(() => 'done'));
    expect(codeOf(await process.send('again', refund(9, 'refund-2')))).toBe('refund.id_used');
    const restarted = wallets.start();
    expect(replyText(await restarted.send('r5', refund(5, 'refund-5')))).toBe(
      replyText({ ...asDone(answers[1]!), replayed: true }),
    );
  });

  test('may be one that the same batch has just made', async () => {
    const { wallets } = await longWallet();
    const process = wallets.start();
    await process.done('warm', give(1n));
    const answers = await Promise.all([
      process.send('charge', run(200)),
      process.send('refund-1', refund(200, 'refund-a')),
      process.send('refund-2', refund(200, 'refund-b')),
      process.send('refund-3', refund(200, 'refund-a')),
    ]);
    expect(answers.map(codeOf)).toEqual(['done', 'done', 'done', 'refund.id_used']);
  });

  test('many refunds at once are one append', async () => {
    const { wallets } = await longWallet();
    const store = new WatchedStore(wallets.log);
    const process = wallets.start(store);
    await Promise.all(Array.from({ length: 20 }, (_, i) => process.done(`r${i}`, refund(i, `refund-${i}`))));
    expect(store.appends.map(({ events }) => events.length)).toEqual([20]);
  });
});
