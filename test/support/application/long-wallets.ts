import { OutcomesReader } from '#libs/application/outcomes-reader.js';
import { SnapshotKeeper } from '#libs/application/snapshots/snapshot-keeper.js';
import type { LongStreams } from '#libs/application/stream-reader.js';
import { walletDefinition } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { walletIdsOf } from '#libs/ledger/wallet/ids.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { Wallet } from '#libs/ledger/wallet/state.js';
import { MemoryOutcomes } from './memory-outcomes.js';
import { MemorySnapshots } from './memory-snapshots.js';
import { ManualClock, OPEN_TERMS, WalletProcess } from './wallet-process.js';

export interface LongWalletOptions {
  readonly everyEvents?: number;
  readonly windowEntries?: number;
  readonly gapEventsMax?: number;
}

/** Wallets only: what an id is used by. */
export const idsOfWalletEvent = (event: LedgerEvent): readonly string[] => walletIdsOf(event as WalletEvent);

/** One log whose wallets count as long after a few events, with its outcomes and snapshots. */
export class LongWallets {
  readonly log: EventStore = new MemoryEventStore();
  readonly outcomes = new MemoryOutcomes(this.log, idsOfWalletEvent);
  readonly snapshots = new MemorySnapshots();
  readonly clock = new ManualClock();

  constructor(private readonly options: LongWalletOptions = {}) {}

  /** A process that starts now: it knows nothing yet. */
  start(store: EventStore = this.log, options: LongWalletOptions = this.options): WalletProcess {
    return new WalletProcess(store, { clock: this.clock, long: this.long(store, options) });
  }

  private long(store: EventStore, { everyEvents = 20, ...options }: LongWalletOptions): LongStreams<Wallet> {
    const codec = walletDefinition(() => OPEN_TERMS).snapshot!;
    return {
      outcomes: new OutcomesReader(this.outcomes, 0),
      snapshots: new SnapshotKeeper({ store: this.snapshots, codec, logId: store.logId, everyEvents }),
      ...options,
    };
  }
}
