import type { Client, Pool } from 'pg';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { type Creator, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet } from '#libs/ledger/wallet/evolve.js';
import { NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { prepareReadModels } from '#libs/projection-runner/prepare.js';
import type { Projection } from '#libs/projection-runner/projection.js';
import { type RunningProjections, runProjections } from '#libs/projection-runner/run-projections.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { createTestDatabase } from '#test/support/components/postgres.js';

/** Views whose rows a rebuild must give again, with the projection they belong to. */
const VIEWS: readonly (readonly [projection: string, view: string])[] = [
  ['balances', 'wallets'],
  ['balances', 'lots'],
  ['balances', 'holds'],
  ['balances', 'hold_parts'],
  ['balances', 'paid_periods'],
  ['balances', 'prompts'],
  ['transactions', 'transactions'],
  ['prompt-runs', 'prompt_runs'],
  ['prompt-runs', 'model_totals'],
  ['unlocked-flows', 'unlocked_flows'],
  ['creator-earnings', 'creator_earnings'],
  ['creator-earnings', 'creator_days'],
  ['creator-earnings', 'creator_movements'],
  ['creator-earnings', 'creator_payouts'],
  ['journal', 'journal'],
  ['journal', 'accounts'],
  ['command-outcomes', 'command_outcomes'],
  ['command-outcomes', 'used_ids'],
  ['plan-changes', 'plan_changes'],
];

const CAUGHT_UP_MS = 30_000;
const NAMES = ALL_PROJECTIONS.map(({ name }) => name);

/** A database of read models, a log, and whatever runners a test starts; `close` leaves nothing behind. */
export class ProjectionLab {
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(
    readonly url: string,
    readonly store: EventStore,
    readonly pool: Pool,
    /** The owner of the database: may do what no role of ours may. */
    readonly owner: Client,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(options: { readonly store?: EventStore } = {}): Promise<ProjectionLab> {
    const store = options.store ?? new MemoryEventStore();
    const database = await createTestDatabase();
    const { url } = database;
    await prepareReadModels({ url, store, projections: ALL_PROJECTIONS });
    const pool = createPool({ url, applicationName: 'lab-reader', role: 'ledger_readers', max: 4 });
    return new ProjectionLab(
      url,
      store,
      pool,
      await connectClient({ url, applicationName: 'lab-owner' }),
      () => database.drop(),
    );
  }

  /** Starts runners in small batches; `stop` ends them at once, in the middle of whatever they do. */
  run(options: { readonly projections?: readonly Projection[]; readonly windowEventsMax?: number } = {}): {
    readonly status: RunningProjections['status'];
    readonly stop: () => Promise<void>;
  } {
    const stopping = new AbortController();
    const { status, ended } = runProjections({
      url: this.url,
      store: this.store,
      projections: options.projections ?? ALL_PROJECTIONS,
      log: SILENT,
      signal: stopping.signal,
      windowEventsMax: options.windowEventsMax ?? 40,
      coalesceMs: 1,
      coalesceMsMax: 2,
    });
    const stop = async (): Promise<void> => {
      stopping.abort();
      await ended;
    };
    this.#stops.push(stop);
    return { status, stop };
  }

  /** Resolves when every projection (or the named ones) shows the head. */
  async caughtUp(names: readonly string[] = NAMES): Promise<Position> {
    const head = await this.store.head();
    if (!(await waitForPosition(this.pool, names, head, CAUGHT_UP_MS))) {
      throw new Error(`The projections have not reached ${head} within ${CAUGHT_UP_MS} ms`);
    }
    return head;
  }

  /** One checksum a view, over all its rows in any order. */
  async checksums(): Promise<Readonly<Record<string, string>>> {
    const sums: Record<string, string> = {};
    for (const [projection, view] of VIEWS) {
      const { rows } = await this.owner.query<{ sum: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '-') as sum from read.${view} t`,
      );
      sums[`${projection}/${view}`] = rows[0]!.sum;
    }
    return sums;
  }

  async log(upTo?: Position): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const batch of this.store.readAll()) events.push(...batch);
    return upTo === undefined ? events : events.filter((event) => event.position <= upTo);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) await stop();
    await this.pool.end();
    await this.owner.end();
    await this.drop();
  }
}

export const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the log says, folded by the domain itself: nothing of the projections is used. */
export interface Fold {
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly creators: ReadonlyMap<string, Creator>;
  readonly accounts: ReadonlyMap<string, bigint>;
}

export function foldLog(events: readonly RecordedEvent[]): Fold {
  const wallets = new Map<string, Wallet>();
  const creators = new Map<string, Creator>();
  const accounts = new Map<string, bigint>();
  for (const recorded of events) {
    const event = decodeEvent(recorded);
    for (const { account, amount } of postingsOf(event)) {
      accounts.set(account, (accounts.get(account) ?? 0n) + amount);
    }
    const [category] = recorded.stream.split('-', 1);
    if (category === 'creator') {
      const { creatorId } = event as CreatorEvent;
      const creator = creators.get(creatorId) ?? NO_CREATOR;
      creators.set(creatorId, evolveCreator(creator, event as CreatorEvent));
    }
    if (category === 'wallet') {
      const { userId } = event as WalletEvent;
      wallets.set(userId, evolveWallet(wallets.get(userId) ?? NO_WALLET, event as WalletEvent));
    }
  }
  return { wallets, creators, accounts };
}
