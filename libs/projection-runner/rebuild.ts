import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { EventStore, Position } from '#libs/event-store/port.js';
import {
  checkpointOf,
  type Copy,
  createCopy,
  dropUnusedCopies,
  enterCopy,
  ensureCopies,
  liveCopyOf,
  swapCopies,
} from './copies.js';
import { RebuildRunningError } from './errors.js';
import type { LoggedEvent, Projection } from './projection.js';
import { connectWriter, tryLock } from './session.js';
import { inTransaction } from './transaction.js';
import { decodeEvents } from './window.js';
import { writeWindow } from './write-window.js';

const WINDOW_EVENTS = 2_000;
/** A swap gives up before Postgres' deadlock check (1 s) could end a reader instead, and tries again. */
const SWAP_LOCK_MS = 300;
const SWAP_TRIES = 100;
const SWAP_PAUSE_MS = 50;
/** lock_not_available */
const LOCK_TIMEOUT = '55P03';

export interface RebuildOptions {
  readonly url: string;
  readonly projection: Projection;
  readonly store: EventStore;
  readonly signal?: AbortSignal;
  /** Called after every batch with the position reached and that of the end of the log. */
  readonly onProgress?: (position: Position, head: Position) => void;
}

export interface RebuildResult {
  readonly projection: string;
  readonly copy: number;
  readonly position: Position;
  readonly events: number;
}

/**
 * Fills a new copy of a projection beside the old one and swaps them in one transaction, once the new one is where
 * the old one is. Readers see no hole and no step back; whoever runs the projection live, here or elsewhere, goes on
 * with the new copy. Also the way out for a copy of another log, or of another version.
 * @throws RebuildRunningError when another process rebuilds it
 */
export async function rebuildProjection(options: RebuildOptions): Promise<RebuildResult> {
  const { url, projection } = options;
  const builder = await connectWriter(url, `ledger-rebuild-${projection.name}`);
  const swapper = await connectWriter(url, `ledger-swap-${projection.name}`);
  try {
    if (!(await tryLock(builder, 'rebuild', projection.name))) throw new RebuildRunningError(projection.name);
    return await new Rebuild(options, builder, swapper).run();
  } finally {
    await Promise.all([builder.end(), swapper.end()]);
  }
}

class Rebuild {
  #position: Position = 0n;
  #events = 0;

  constructor(
    private readonly options: RebuildOptions,
    private readonly builder: Client,
    private readonly swapper: Client,
  ) {}

  async run(): Promise<RebuildResult> {
    const { projection, store } = this.options;
    await ensureCopies(this.builder, [projection], store.logId);
    await dropUnusedCopies(this.builder, projection.name);
    const copy = await createCopy(this.builder, projection, store.logId);
    await this.#fillTo(copy, await store.head());
    await this.#swap(copy);
    // A reader in a long query may still hold the old copy; the next rebuild drops what is left.
    await dropUnusedCopies(this.builder, projection.name).catch(() => undefined);
    return { projection: projection.name, copy: copy.copy, position: this.#position, events: this.#events };
  }

  /** Writes what lies behind the copy's checkpoint, at least to `position`. */
  async #fillTo(copy: Copy, position: Position): Promise<void> {
    const { store, signal, projection, onProgress } = this.options;
    while (this.#position < position) {
      signal?.throwIfAborted();
      const events: LoggedEvent[] = [];
      for await (const batch of store.readAll({ after: this.#position, maxCount: WINDOW_EVENTS })) {
        const failure = await decodeEvents(batch, events);
        if (failure) throw failure;
      }
      const checkpoint = events.at(-1)?.position;
      if (checkpoint === undefined) return;
      const window = { after: this.#position, checkpoint, events };
      await writeWindow(this.builder, projection, { ...copy, logId: store.logId }, window);
      this.#position = checkpoint;
      this.#events += events.length;
      onProgress?.(checkpoint, position);
    }
  }

  async #swap(copy: Copy): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        // Most of what came meanwhile is written before the old copy's writer is held up.
        await this.#fillTo(copy, await this.options.store.head());
        return await this.#trySwap(copy);
      } catch (error) {
        if ((error as { code?: string }).code !== LOCK_TIMEOUT || tries === SWAP_TRIES) throw error;
        await sleep(SWAP_PAUSE_MS);
      }
    }
  }

  async #trySwap(copy: Copy): Promise<void> {
    const { projection, store } = this.options;
    await inTransaction(this.swapper, async () => {
      await this.swapper.query(`set local lock_timeout = ${SWAP_LOCK_MS}`);
      const old = (await liveCopyOf(this.swapper, projection.name))!;
      await enterCopy(this.swapper, old);
      // Holds up the old copy's writer: from here on its position stands still.
      const before = await checkpointOf(this.swapper, 'for update');
      const sameLog = before?.logId === store.logId && before.position <= (await store.head());
      if (sameLog) await this.#fillTo(copy, before.position);
      await swapCopies(this.swapper, projection, old, copy);
    });
  }
}
