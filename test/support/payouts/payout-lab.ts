import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openLongStreams } from '#apps/engine/long-streams.js';
import { startPayoutWorker, type PayoutWorkerHooks } from '#apps/payout-worker/start.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { runRoles } from '#apps/engine/roles.js';
import { hashBody } from '#libs/application/body-hash.js';
import { createCreatorExecutor, type CreatorExecutor } from '#libs/application/write-path.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { CREDITS_PER_CENT } from '#libs/kernel/credits.js';
import { CreatorId, PayoutId, UserId } from '#libs/kernel/ids.js';
import type { CreatorCommand, SourceToSettle } from '#libs/ledger/creator/commands.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { isPayoutEvent, type PayoutEvent } from '#libs/ledger/creator/payouts.js';
import { DAY_MS } from '#libs/ledger/creator/terms.js';
import { creatorStream } from '#libs/ledger/events.js';
import { ProviderNotices } from '#libs/payouts/notices.js';
import type { ProviderNotice } from '#libs/payouts/provider.js';
import type { Transfer } from '#libs/payouts/transfer.js';
import { PayoutTransfers } from '#libs/payouts/transfers.js';
import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { Metrics } from '#libs/platform/metrics/metrics.js';
import { unwatched } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { NO_FUNDING } from '#test/support/ledger/creator-builders.js';

const PATIENCE_MS = 20_000;
const POLL_MS = 20;
const LONG_AGO_MS = 60 * DAY_MS;

/** Nothing waits for long. */
export const HASTY: PayoutWorkerHooks = {
  pollMs: 20,
  leaseMs: 1_500,
  pauses: { firstMs: 20, maxMs: 200 },
  quietMs: 300,
  stripe: { timeoutMs: 500 },
  file: { quietMs: 50 },
};

/** A log with creators on a real Postgres, and payout workers over it. */
export class PayoutLab {
  private sources = 0n;
  private keys = 0;
  private readonly workers: (() => Promise<void>)[] = [];
  private readonly stops: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly databaseUrl: string,
    readonly store: EventStore,
    readonly pool: Pool,
    readonly creators: CreatorExecutor,
    readonly transfers: PayoutTransfers,
  ) {}

  static async open(): Promise<PayoutLab> {
    const database = await createTestDatabase({ name: 'payouts', prepare: migrateAll });
    const { url } = database;
    const store = await openPostgresEventStore({ url });
    await prepareLedgerReadModels({ databaseUrl: url, store });
    const pool = createPool({ url, applicationName: 'payout-lab', max: 4 });
    const creators = createCreatorExecutor({ store, clock: systemClock });
    const lab = new PayoutLab(url, store, pool, creators, new PayoutTransfers(pool));
    lab.stops.push(
      () => database.drop(),
      () => store.close(),
      () => pool.end(),
      () => creators.close(),
    );
    return lab;
  }

  async close(): Promise<void> {
    await this.idle();
    for (const stop of this.stops.reverse()) await stop();
  }

  /** Read models, as a projector keeps them. */
  project(): void {
    const ending = new AbortController();
    const running = runRoles(['projector'], {
      config: loadConfig({ DATABASE_URL: this.databaseUrl }),
      databaseUrl: this.databaseUrl,
      store: this.store,
      log: createLogger({ level: 'fatal', name: 'lab' }),
      signal: ending.signal,
    });
    this.stops.push(async () => {
      ending.abort();
      await running;
    });
  }

  /** A worker in this process, until it is stopped. */
  work(env: Readonly<Record<string, string>>, hooks: PayoutWorkerHooks = {}): () => Promise<void> {
    const ending = new AbortController();
    const { databaseUrl, store } = this;
    const log = createLogger({ level: 'fatal', name: 'lab' });
    const longStreams = openLongStreams({ databaseUrl, store, log });
    const running = startPayoutWorker({
      config: loadConfig({ DATABASE_URL: databaseUrl, ...env }),
      databaseUrl,
      store,
      log,
      signal: ending.signal,
      longStreams: longStreams.ports,
      monitor: unwatched(new Metrics()),
      hooks: { ...HASTY, ...hooks },
    });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (stopped ??= (async () => {
        ending.abort();
        await running;
        await longStreams.close();
      })());
    this.workers.push(stop);
    return stop;
  }

  /** Ends the workers that a test has left. */
  async idle(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((stop) => stop()));
  }

  /** Earned long enough ago to be payable now. */
  earn(creatorId: string, cents: bigint): Promise<void> {
    const amount = cents * CREDITS_PER_CENT;
    const funding = { ...NO_FUNDING, purchased: amount };
    return this.settle(creatorId, { kind: 'earned', ...this.share('flow', amount), funding });
  }

  /** By a refund of what was earned long ago. */
  takeBack(creatorId: string, cents: bigint): Promise<void> {
    return this.settle(creatorId, {
      kind: 'reversed',
      ...this.share('flow_refund', cents * CREDITS_PER_CENT),
    });
  }

  private share(kind: 'flow' | 'flow_refund', amount: bigint) {
    const position = ++this.sources;
    const userId = UserId.of('u-1');
    const source = { kind, position, eventId: `event-${position}`, userId, reference: `flow-${position}` };
    return { source, amount, earnedAt: Date.now() - LONG_AGO_MS };
  }

  private settle(creatorId: string, source: SourceToSettle): Promise<void> {
    return this.send({ type: 'SettleSources', creatorId: CreatorId.of(creatorId), sources: [source] });
  }

  async verify(creatorId: string, reference = `acct_${creatorId}`, provider = 'stripe'): Promise<void> {
    await this.send({
      type: 'VerifyPayoutDestination',
      creatorId: CreatorId.of(creatorId),
      provider,
      reference,
    });
  }

  /** A creator who is owed `cents` and has asked for all of it. */
  async requested(creatorId: string, payoutId: string, cents = 2_000n, provider = 'stripe'): Promise<void> {
    await this.earn(creatorId, cents);
    await this.verify(creatorId, `acct_${creatorId}`, provider);
    await this.request(creatorId, payoutId);
  }

  async request(creatorId: string, payoutId: string): Promise<void> {
    await this.send({
      type: 'RequestPayout',
      creatorId: CreatorId.of(creatorId),
      payoutId: PayoutId.of(payoutId),
    });
  }

  async fail(creatorId: string, payoutId: string): Promise<void> {
    await this.send({
      type: 'MarkPayoutFailed',
      creatorId: CreatorId.of(creatorId),
      payoutId: PayoutId.of(payoutId),
      reason: 'cancelled',
    });
  }

  async markSent(creatorId: string, payoutId: string, reference: string): Promise<void> {
    await this.send({
      type: 'MarkPayoutSent',
      creatorId: CreatorId.of(creatorId),
      payoutId: PayoutId.of(payoutId),
      reference,
    });
  }

  /** What the log says of a payout, in order. */
  async events(creatorId: string, payoutId: string): Promise<readonly PayoutEvent[]> {
    const events: PayoutEvent[] = [];
    for await (const batch of this.store.readStream(creatorStream(CreatorId.of(creatorId)))) {
      for (const recorded of batch) {
        const event = decodeEvent(recorded) as CreatorEvent;
        if (isPayoutEvent(event) && event.payoutId === payoutId) events.push(event);
      }
    }
    return events;
  }

  async types(creatorId: string, payoutId: string): Promise<readonly string[]> {
    return (await this.events(creatorId, payoutId)).map(({ type }) => type);
  }

  transfer(creatorId: string, payoutId: string): Promise<Transfer | undefined> {
    return this.transfers.find(this.pool, creatorId, payoutId);
  }

  /** Waits until provider and log have come to this, and nothing is left to do. */
  async comesTo(
    creatorId: string,
    payoutId: string,
    states: Pick<Transfer, 'state' | 'ledgerState'>,
  ): Promise<Transfer> {
    let last: Transfer | undefined;
    return until(
      `${payoutId} of ${creatorId}: ${JSON.stringify(states)}`,
      async () => {
        last = await this.transfer(creatorId, payoutId);
        const rests = last !== undefined && last.dueAt === undefined;
        return rests && last?.state === states.state && last.ledgerState === states.ledgerState
          ? last
          : undefined;
      },
      () => last,
    );
  }

  /** Waits until the transfer is as told. */
  becomes(creatorId: string, payoutId: string, is: (transfer: Transfer) => boolean): Promise<Transfer> {
    let last: Transfer | undefined;
    return until(
      `${payoutId} of ${creatorId}`,
      async () => {
        last = await this.transfer(creatorId, payoutId);
        return last !== undefined && is(last) ? last : undefined;
      },
      () => last,
    );
  }

  /** Nobody claims it any more. */
  async leaveAlone(creatorId: string, payoutId: string): Promise<void> {
    await this.pool.query(
      'update payouts.transfers set due_at = null where creator_id = $1 and payout_id = $2',
      [creatorId, payoutId],
    );
  }

  /** As the webhook keeps it. */
  async told(type: string, notice: ProviderNotice): Promise<void> {
    const id = `evt-${++this.keys}`;
    await new ProviderNotices(this.pool).keep({ provider: 'stripe', id, type, notice });
  }

  /** Waits until the newest notice was acted on at least once. */
  async noticeTried(): Promise<void> {
    await until('a notice tried', async () => {
      const { rows } = await this.pool.query<{ tries: number }>(
        'select tries from payouts.provider_notices order by received_at desc limit 1',
      );
      return (rows[0]?.tries ?? 0) > 0 ? rows : undefined;
    });
    await sleep(200);
  }

  private async send(command: CreatorCommand): Promise<void> {
    const key = `lab-${++this.keys}`;
    const outcome = await this.creators.execute(
      creatorStream(command.creatorId),
      { principal: 'lab', key, bodyHash: hashBody(command.type, { key }) },
      command,
    );
    if (outcome.kind === 'refused')
      throw new Error(`${command.type}: ${JSON.stringify(outcome.refusal.code)}`);
  }
}

/** Asks again until there is an answer; `last` is shown when there is none in time. */
export async function until<T extends object>(
  what: string,
  ask: () => Promise<T | undefined>,
  last: () => unknown = () => undefined,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) {
      const seen = JSON.stringify(last(), (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      );
      throw new Error(`Not within ${PATIENCE_MS} ms: ${what}. Last: ${seen}`);
    }
    await sleep(POLL_MS);
  }
}
