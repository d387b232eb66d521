import 'reflect-metadata';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { Credits } from '#libs/kernel/credits.js';
import { PaymentId, RunId, UserId } from '#libs/kernel/ids.js';
import type {
  AddCreditsCommand,
  ChargePromptCommand,
  PaySubscriptionCommand,
} from '#libs/ledger/wallet/commands.js';
import { eventsOf, storeGone, WatchedStore } from '#test/support/application/watched-store.js';
import {
  asDone,
  codeOf,
  envelopeOf,
  ManualClock,
  replyText,
} from '#test/support/application/wallet-process.js';
import { TERMS } from '#test/support/ledger/given.js';
import { buy, charge, give, NOW, open } from '#test/support/ledger/wallet-builders.js';
import { OverloadedFault } from '../outcome.js';
import { createWritePath } from '../write-path.js';
import { AddCredits, ChargeGroup, ChargePrompts, OpenWallet, PaySubscription } from './commands.js';
import {
  addCreditsHandler,
  ChargeGroupHandler,
  ChargePromptsHandler,
  paySubscriptionHandler,
  walletHandler,
} from './handlers.js';

const OTHER_USER = UserId.of('u-2');

/** A process with two open wallets, spoken to through its command handlers. */
async function openLedger(log = new MemoryEventStore()) {
  const store = new WatchedStore(log);
  const clock = new ManualClock();
  const path = createWritePath({ store, clock, terms: () => TERMS });
  const adding = addCreditsHandler(path);
  const paying = paySubscriptionHandler(path);
  const opener = walletHandler(OpenWallet, path.wallets);
  for (const userId of [open().userId, OTHER_USER]) {
    const command = { ...open(), userId };
    await opener.execute(new OpenWallet(envelopeOf('open', command), command));
  }
  const add = (key: string, command: AddCreditsCommand) =>
    adding.execute(new AddCredits(envelopeOf(key, command), command));
  const pay = (key: string, command: PaySubscriptionCommand) =>
    paying.execute(new PaySubscription(envelopeOf(key, command), command));
  return { log, store, clock, path, add, pay };
}

const registrations = async (log: MemoryEventStore) =>
  (await eventsOf(log)).filter(({ type }) => type === 'PaymentRegistered.v1');
const purchases = async (log: MemoryEventStore) =>
  (await eventsOf(log)).filter(
    ({ type, data }) => type === 'CreditsAdded.v1' && data.includes('"purchased"'),
  );

describe('a purchase', () => {
  test('claims its payment id, then credits the wallet', async () => {
    const { log, add } = await openLedger();
    expect(asDone(await add('k1', buy(700n))).balanceAfter).toMatchObject({ purchased: 700n });
    expect((await eventsOf(log)).slice(4).map(({ stream, type }) => [stream, type])).toEqual([
      ['payment-pay-1', 'PaymentRegistered.v1'],
      ['wallet-u-1', 'CreditsAdded.v1'],
    ]);
  });

  test('under the same key again is the first result; another body is refused', async () => {
    const { log, add } = await openLedger();
    const first = await add('k1', buy(700n));
    expect(replyText(await add('k1', buy(700n)))).toBe(replyText({ ...first, replayed: true }));
    expect(codeOf(await add('k1', buy(701n)))).toBe('request.id_reused');
    expect(await purchases(log)).toHaveLength(1);
  });

  test('a grant or an adjustment claims nothing', async () => {
    const { log, add } = await openLedger();
    await add('k1', give(5n, { reference: 'pay-1' }));
    await add('k2', give(5n, { kind: 'adjustment', reason: 'correction' }));
    expect(await registrations(log)).toEqual([]);
  });
});

describe('a payment id is unique in the whole ledger', () => {
  test.each([
    ['another user', { ...buy(700n), userId: OTHER_USER }],
    ['another amount', buy(701n)],
    ['everything the same under another key', buy(700n)],
    ['another user and amount', { ...buy(1n), userId: OTHER_USER }],
  ])('%s: payment.already_credited, nothing written', async (_what, command) => {
    const { log, store, add } = await openLedger();
    await add('k1', buy(700n));
    store.appends.length = 0;
    expect(await add('k2', command)).toEqual({
      kind: 'refused',
      refusal: { code: 'payment.already_credited' },
    });
    expect(store.appends).toEqual([]);
    expect([await registrations(log), await purchases(log)].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('another payment id of the same amount is another purchase', async () => {
    const { add } = await openLedger();
    await add('k1', buy(700n));
    const second = asDone(await add('k2', buy(700n, { paymentId: PaymentId.of('pay-2') })));
    expect(second.balanceAfter?.purchased).toBe(1_400n);
  });

  test('the wallet checks come before the claim: a refused purchase leaves the id free', async () => {
    const { log, add } = await openLedger();
    expect(codeOf(await add('k1', { ...buy(700n), userId: UserId.of('nobody') }))).toBe('wallet.not_found');
    expect(codeOf(await add('k2', buy(700n, { expiresAt: NOW })))).toBe('request.invalid');
    expect(await registrations(log)).toEqual([]);
    expect(codeOf(await add('k3', { ...buy(9n), userId: OTHER_USER }))).toBe('done');
  });
});

/** The claim is written, the credits are not. */
async function crashed() {
  const opened = await openLedger();
  opened.store.everyAppend = (commit, append) =>
    append.stream.startsWith('payment-') ? commit() : storeGone(commit, append);
  const path = createWritePath({ store: opened.store, clock: opened.clock, terms: () => TERMS });
  const handler = addCreditsHandler(path);
  const dying = handler.execute(new AddCredits(envelopeOf('k1', buy(700n)), buy(700n)));
  const fault = expect(dying).rejects.toThrow(OverloadedFault);
  while ((await registrations(opened.log)).length === 0) await Promise.resolve();
  await path.close();
  await fault;
  opened.store.everyAppend = undefined;
  expect(await purchases(opened.log)).toEqual([]);
  return openLedger(opened.log);
}

describe('a crash between claim and credit', () => {
  test.each(['k1', 'another key'])('is finished by the same user and amount under %s, once', async (key) => {
    const { log, add } = await crashed();
    expect(asDone(await add(key, buy(700n)))).toMatchObject({
      replayed: false,
      balanceAfter: { purchased: 700n },
    });
    expect(codeOf(await add('a third key', buy(700n)))).toBe('payment.already_credited');
    expect([await registrations(log), await purchases(log)].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('cannot be finished by another user or for another amount', async () => {
    const { add } = await crashed();
    expect(codeOf(await add('k2', { ...buy(700n), userId: OTHER_USER }))).toBe('payment.already_credited');
    expect(codeOf(await add('k3', buy(701n)))).toBe('payment.already_credited');
    expect(codeOf(await add('k4', buy(700n)))).toBe('done');
  });
});

/** Pays PRO for the month that begins now. */
const subscribe = (amount: Credits, paymentId = PaymentId.of('pay-1')): PaySubscriptionCommand => ({
  type: 'PaySubscription',
  userId: open().userId,
  plan: 'PRO',
  paymentId,
  amount,
  from: NOW,
  until: NOW + 30 * 86_400_000,
});

describe('a payment pays for one thing', () => {
  test('a subscription claims its payment id, then is paid', async () => {
    const { log, pay } = await openLedger();
    expect(codeOf(await pay('k1', subscribe(700n)))).toBe('done');
    expect((await eventsOf(log)).slice(4).map(({ stream, type }) => [stream, type])).toEqual([
      ['payment-pay-1', 'PaymentRegistered.v1'],
      ['wallet-u-1', 'SubscriptionPaid.v1'],
    ]);
    expect(codeOf(await pay('k2', subscribe(700n)))).toBe('payment.already_credited');
  });

  test('the payment of a purchase pays no subscription, and the other way round', async () => {
    const { log, add, pay } = await openLedger();
    await add('k1', buy(700n));
    expect(codeOf(await pay('k2', subscribe(700n)))).toBe('payment.already_credited');
    await pay('k3', subscribe(9n, PaymentId.of('pay-2')));
    expect(codeOf(await add('k4', buy(9n, { paymentId: PaymentId.of('pay-2') })))).toBe(
      'payment.already_credited',
    );
    expect(await registrations(log)).toHaveLength(2);
  });

  test('a purchase that crashed after its claim leaves nothing that a subscription could take', async () => {
    const { add, pay } = await crashed();
    expect(codeOf(await pay('k2', subscribe(700n)))).toBe('payment.already_credited');
    expect(codeOf(await add('k3', buy(700n)))).toBe('done');
  });
});

describe('50 concurrent copies credit once', () => {
  test.each([
    ['under one key', () => 'same', 50],
    ['each under its own key', (i: number) => `k${i}`, 1],
  ])('%s, over two processes', async (_how, keyOf, done) => {
    const { log, add } = await openLedger();
    const second = await openLedger(log);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => [add, second.add][i % 2]!(keyOf(i), buy(700n))),
    );
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(done);
    expect(answers.filter((answer) => answer.kind === 'done' && !answer.replayed)).toHaveLength(1);
    expect([await registrations(log), await purchases(log)].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('50 amounts for two users: one of them gets it', async () => {
    const { log, add } = await openLedger();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        add(`k${i}`, { ...buy(BigInt(700 + i)), userId: i % 2 === 0 ? OTHER_USER : buy(1n).userId }),
      ),
    );
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(await purchases(log)).toHaveLength(1);
  });
});

describe('a bulk of charges', () => {
  test('each item has its own outcome, in the order given; a fault is one of them', async () => {
    const { path, store } = await openLedger();
    const run = charge({ model: 'deepseek' });
    const other = { ...run, userId: OTHER_USER };
    store.everyAppend = (commit, append) =>
      append.stream === 'wallet-u-2' ? Promise.reject(new Error('disk')) : commit();
    const items = [run, charge({ model: 'gpt-5' }), other, run].map((command, i) => ({
      envelope: envelopeOf(`k${i}`, command),
      command,
    }));
    const outcomes = await new ChargePromptsHandler(path.wallets).execute(new ChargePrompts(items));
    expect(outcomes).toMatchObject([
      { kind: 'done', replayed: false },
      { kind: 'refused', refusal: { code: 'run.already_charged' } },
      { kind: 'fault', fault: { message: 'disk' } },
      { kind: 'refused', refusal: { code: 'run.already_charged' } },
    ]);
  });

  test('a group is charged together or not at all, each item answered in its place', async () => {
    const { path, log } = await openLedger();
    const handler = new ChargeGroupHandler(path.wallets);
    const group = (...commands: readonly ChargePromptCommand[]) =>
      new ChargeGroup(
        commands.map((command) => ({ envelope: envelopeOf(`run:${command.runId}`, command), command })),
      );
    const run = (runId: string, more: Partial<ChargePromptCommand> = {}) =>
      charge({ model: 'deepseek', runId: RunId.of(runId), ...more });
    const before = (await eventsOf(log)).length;
    expect(await handler.execute(group(run('a'), run('b', { model: 'gpt-5' }), run('c')))).toEqual([
      { kind: 'not_applied', refusedIndex: 1 },
      { kind: 'refused', refusal: { code: 'model.unpriced', model: 'gpt-5' } },
      { kind: 'not_applied', refusedIndex: 1 },
    ]);
    expect(await eventsOf(log)).toHaveLength(before);
    const done = await handler.execute(group(run('a'), run('b'), run('c')));
    expect(done).toMatchObject(Array.from({ length: 3 }, () => ({ kind: 'done', replayed: false })));
    expect(await eventsOf(log)).toHaveLength(before + 3);
  });
});
