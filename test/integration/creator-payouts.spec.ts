import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '#apps/api/create-api.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import type { CheckpointStore } from '#libs/application/checkpoints.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { runCreatorSettlement } from '#libs/application/settlement/creator-settlement.js';
import { createWritePath } from '#libs/application/write-path.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { formatPosition } from '#libs/event-store/position.js';
import { DAY_MS, STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { ManualClock } from '#test/support/application/wallet-process.js';
import { get, type HttpReply, post } from '#test/support/http.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { NO_ROWS } from '#test/support/no-rows.js';

const START = Date.parse('2026-11-10T15:30:00.000Z');
/** The creator's share of it is 12,345,678. */
const FEE = '15432097';
const RUN = { model: 'deepseek', inputTokens: 100, outputTokens: 10 };

/** A whole ledger with a clock of its own: HTTP, settlement and read models over a log in memory. */
class Ledger {
  private constructor(
    readonly clock: ManualClock,
    readonly lab: ProjectionLab,
    readonly url: string,
    private readonly stops: (() => Promise<unknown>)[],
  ) {}

  static async start(): Promise<Ledger> {
    const clock = new ManualClock(START);
    const store = new MemoryEventStore({ now: () => clock.t });
    await seedCatalogue(store);
    const stop = new AbortController();
    const catalogue = await followCatalogue({ store, clock, signal: stop.signal });
    const path = createWritePath({ store, clock, terms: () => catalogue.current() });
    const lab = await ProjectionLab.open({ store });
    lab.run();
    const settling = runCreatorSettlement({
      store,
      creators: path.creators,
      checkpoints: new NoCheckpoints(),
      signal: stop.signal,
    });
    const app: NestFastifyApplication = await createApi({
      store,
      reads: postgresReadModels(lab.pool, store),
      ...NO_ROWS,
      commandHandlers: createCommandHandlers(path),
      catalogue: { ...catalogue, terms: () => catalogue.current() },
      clock,
      creatorFeeMax: 100_000_000n,
      creatorTerms: STANDARD_CREATOR_TERMS,
      signingKey: randomBytes(32),
      logger: { error: () => undefined, warn: () => undefined },
    });
    await app.listen(0, '127.0.0.1');
    const stops = [
      () => app.close(),
      async () => stop.abort(),
      () => settling,
      () => catalogue.stopped,
      () => path.close(),
      () => lab.close(),
      () => store.close(),
    ];
    return new Ledger(clock, lab, await app.getUrl(), stops);
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) await stop();
  }

  /** Waits until all that was charged and refunded has reached the creators and the views. */
  async settled(sources: number): Promise<void> {
    const { store } = this.lab;
    for (let settled = -1; settled < sources;) {
      settled = 0;
      for (const { type } of await this.lab.log()) {
        if (type.startsWith('CreatorPaid') || type.startsWith('CreatorEarningsReversed')) settled += 1;
      }
      if (settled < sources) await new Promise((next) => setTimeout(next, 10));
    }
    const reached = formatPosition(store.logId, await store.head());
    expect((await get(this.url, `/api/creators/c-1/earnings?minPosition=${reached}`)).status).toBe(200);
  }

  async done(path: string, body: object, key?: string): Promise<HttpReply['body']> {
    const reply = await post(this.url, path, body, key);
    expect([path, reply.status, reply.body['code']]).toEqual([path, 200, undefined]);
    return reply.body;
  }

  async refused(path: string, body: object): Promise<HttpReply['body']> {
    const reply = await post(this.url, path, body);
    expect(reply.status).not.toBe(200);
    return reply.body;
  }

  async earnings(): Promise<HttpReply['body']> {
    const { store } = this.lab;
    const at = formatPosition(store.logId, await store.head());
    return (await get(this.url, `/api/creators/c-1/earnings?minPosition=${at}`)).body;
  }
}

class NoCheckpoints implements CheckpointStore {
  load = async () => undefined;
  save = async () => undefined;
}

describe('a creator is paid', () => {
  let ledger: Ledger;
  const payouts = '/api/creators/c-1/payouts';

  beforeAll(async () => {
    ledger = await Ledger.start();
    for (const userId of ['u-1', 'c-1']) {
      await ledger.done('/api/wallets', { userId, plan: 'PRO' });
      const reference = `pay-${userId}`;
      await ledger.done('/api/credits/add', { userId, amount: '90000000', kind: 'purchased', reference });
    }
  }, 30_000);

  afterAll(() => ledger?.stop());

  test('nothing is known of a creator before the first share', async () => {
    expect((await get(ledger.url, '/api/creators/c-1/earnings')).body['code']).toBe('creator.not_found');
    expect((await get(ledger.url, '/api/creators/c-1/statement?month=2026-11')).body['code']).toBe(
      'creator.not_found',
    );
    expect((await get(ledger.url, payouts)).body['code']).toBe('creator.not_found');
    expect(await ledger.refused(payouts, { payoutId: 'p-0' })).toMatchObject({ code: 'creator.not_found' });
  });

  test('a share is accrued; a run of the creator’s own prompt earns nothing', async () => {
    const fee = { creatorId: 'c-1', creatorFee: FEE };
    await ledger.done('/api/credits/charge-prompt', { userId: 'c-1', runId: 'own', ...RUN, ...fee });
    await ledger.done('/api/credits/charge-prompt', { userId: 'u-1', runId: 'run-1', ...RUN, ...fee });
    await ledger.settled(1);
    expect(await ledger.earnings()).toEqual({
      creatorId: 'c-1',
      earned: '12345678',
      accrued: '12345678',
      payable: '0',
      inPayout: '0',
      paid: '0',
      reversed: '0',
      nextMaturityAt: '2026-11-18T00:00:00.000Z',
      promptSources: 1,
      flowSources: 0,
      asOf: { position: expect.any(String) as unknown, time: '2026-11-10T15:30:00.000Z' },
    });
  });

  test('not without a verified destination, not before it has matured', async () => {
    expect(await ledger.refused(payouts, { payoutId: 'p-1' })).toMatchObject({
      status: 409,
      code: 'payout.no_destination',
    });
    const destination = { provider: 'bank', reference: 'acct-7' };
    expect(await ledger.done('/api/creators/c-1/payout-destination', destination)).toMatchObject({
      creatorId: 'c-1',
      destination,
      replayed: false,
    });
    expect(await ledger.refused(payouts, { payoutId: 'p-1' })).toMatchObject({
      status: 409,
      code: 'payout.nothing_payable',
      payable: '0',
    });
    expect(await ledger.earnings()).toMatchObject({ destination });
  });

  test('$12.34 of 12,345,678 credits, 5,678 stay; the same key is answered as the first time', async () => {
    ledger.clock.t = START + 8 * DAY_MS;
    const reply = await ledger.done(payouts, { payoutId: 'p-1' }, 'key-1');
    const at = '2026-11-18T15:30:00.000Z';
    const payout = { payoutId: 'p-1', amount: '12340000', state: 'requested', at };
    const earnings = {
      earned: '12345678',
      accrued: '0',
      payable: '5678',
      inPayout: '12340000',
      paid: '0',
    };
    expect(reply).toMatchObject({
      creatorId: 'c-1',
      payout: { ...payout, provider: 'bank', destination: 'acct-7' },
      earnings,
      replayed: false,
    });
    expect(Object.keys(reply)).not.toContain('balanceAfter');
    await ledger.done(`${payouts}/p-1/sent`, { reference: 'tr-1' });
    const again = await ledger.done(payouts, { payoutId: 'p-1' }, 'key-1');
    expect(again).toEqual({ ...reply, replayed: true });
    const other = await post(ledger.url, payouts, { payoutId: 'p-1', amount: '12340000' }, 'key-1');
    expect([other.status, other.body['code']]).toEqual([422, 'request.id_reused']);
    expect(await ledger.refused(payouts, { payoutId: 'p-1' })).toMatchObject({
      status: 400,
      errors: [{ field: 'payoutId' }],
    });
  });

  test('settled only once sent; then it is paid', async () => {
    const { earnings, payout } = await ledger.done(`${payouts}/p-1/settled`, {});
    expect(payout).toMatchObject({ state: 'settled', amount: '12340000' });
    expect(earnings).toMatchObject({ payable: '5678', inPayout: '0', paid: '12340000' });
    expect(await ledger.refused(`${payouts}/p-1/sent`, {})).toMatchObject({ code: 'request.invalid' });
    expect(await ledger.refused(`${payouts}/p-9/sent`, {})).toMatchObject({
      status: 404,
      code: 'payout.not_found',
    });
    expect(await ledger.earnings()).toMatchObject({ payable: '5678', inPayout: '0', paid: '12340000' });
  });

  test('a refund after the payout makes the balance negative, which blocks the next one', async () => {
    await ledger.done('/api/credits/refunds', {
      userId: 'u-1',
      runId: 'run-1',
      refundId: 'refund-1',
      reason: 'quality',
    });
    await ledger.settled(2);
    expect(await ledger.earnings()).toMatchObject({
      earned: '0',
      accrued: '0',
      payable: '-12340000',
      paid: '12340000',
      reversed: '12345678',
    });
    expect(await ledger.refused(payouts, { payoutId: 'p-2' })).toMatchObject({
      code: 'payout.nothing_payable',
      payable: '-12340000',
    });
  });

  test('later earnings make up for it, in the next month; what fails is payable again', async () => {
    ledger.clock.t = START + 25 * DAY_MS;
    const flow = { userId: 'u-1', flowId: 'flow-1', creatorId: 'c-1', price: '31250000' };
    await ledger.done('/api/flows/unlock', flow);
    await ledger.settled(3);
    ledger.clock.t += 8 * DAY_MS;
    // 25,000,000 for the unlock, less 12,340,000.
    expect(await ledger.refused(payouts, { payoutId: 'p-2', amount: '9990000' })).toMatchObject({
      code: 'payout.below_minimum',
      minimum: '10000000',
      payable: '12660000',
    });
    expect(await ledger.refused(payouts, { payoutId: 'p-2', amount: '12670000' })).toMatchObject({
      status: 400,
      errors: [{ field: 'amount' }],
    });
    expect(await ledger.refused(payouts, { payoutId: 'p-2', amount: '12345678' })).toMatchObject({
      status: 400,
      errors: [{ field: 'amount', message: 'must be whole cents: a multiple of 10000 credits' }],
    });
    await ledger.done(payouts, { payoutId: 'p-2', amount: '12000000' });
    const { earnings } = await ledger.done(`${payouts}/p-2/failed`, { reason: 'account_invalid' });
    expect(earnings).toMatchObject({ payable: '12660000', inPayout: '0' });
    expect(await ledger.refused(`${payouts}/p-2/failed`, { reason: 'bad luck' })).toMatchObject({
      status: 400,
      errors: [{ field: 'reason' }],
    });
  });

  test('payouts are listed, the newest first, page by page', async () => {
    await ledger.earnings();
    const { body: first } = await get(ledger.url, `${payouts}?limit=1`);
    expect(first['items']).toMatchObject([
      { payoutId: 'p-2', state: 'failed', failedFrom: 'requested', reason: 'account_invalid' },
    ]);
    const next = String(first['nextCursor']);
    const { body: second } = await get(ledger.url, `${payouts}?limit=1&cursor=${next}`);
    expect(second).toMatchObject({
      items: [{ payoutId: 'p-1', state: 'settled', amount: '12340000', reference: 'tr-1' }],
      nextCursor: null,
    });
    expect((await get(ledger.url, `${payouts}?cursor=nonsense`)).status).toBe(400);
  });

  test('the statements of both months follow on each other and stand in the books', async () => {
    const { body: november } = await get(ledger.url, '/api/creators/c-1/statement?month=2026-11');
    const one = (amount: string) => ({ amount, count: 1 });
    const none = { amount: '0', count: 0 };
    expect(november).toMatchObject({
      month: '2026-11',
      from: '2026-11-01T00:00:00.000Z',
      until: '2026-12-01T00:00:00.000Z',
      final: true,
      opening: { owed: '0', inPayout: '0', paid: '0' },
      earned: { total: '12345678', promptRuns: one('12345678'), flowUnlocks: none },
      reversed: { total: '12345678', promptRuns: one('12345678'), flowUnlocks: none },
      payouts: { requested: one('12340000'), sent: one('12340000'), settled: one('12340000'), failed: none },
      closing: { owed: '-12340000', inPayout: '0', paid: '12340000' },
    });
    const { body: december } = await get(ledger.url, '/api/creators/c-1/statement?month=2026-12');
    expect(december).toMatchObject({
      final: false,
      opening: november['closing'],
      earned: { total: '25000000', promptRuns: none, flowUnlocks: one('25000000') },
      payouts: { requested: one('12000000'), sent: none, settled: none, failed: one('12000000') },
      closing: { owed: '12660000', inPayout: '0', paid: '12340000' },
    });
    const { body: books } = await get(ledger.url, '/api/ledger/trial-balance');
    expect(books['total']).toBe('0');
    expect(books['accounts']).toEqual(
      expect.arrayContaining([{ account: 'creator:c-1:payable', balance: '12660000' }]),
    );
    for (const month of ['2026-13', '2026-1', '202611', '']) {
      const { status, body } = await get(ledger.url, `/api/creators/c-1/statement?month=${month}`);
      expect([status, body['errors']]).toEqual([400, [expect.objectContaining({ field: 'month' })]]);
    }
  });
});
