import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { EventStore, Position } from '#libs/event-store/port.js';
import { checkpointOf, type Copy, ensureCopies, enterCopy, liveCopyOf } from './copies.js';
import {
  CheckpointBeyondHeadError,
  CheckpointMovedError,
  ForeignCheckpointError,
  NewerProjectionError,
} from './errors.js';
import type { Projection } from './projection.js';
import { rebuildProjection } from './rebuild.js';
import { connectWriter, tryLock } from './session.js';
import type { FeedReader } from './shared-feed.js';
import type { ProjectionState, ProjectionStatus, RunnerLog } from './status.js';
import type { Window } from './window.js';
import { writeWindow } from './write-window.js';
import type { Turnstile } from '#libs/platform/turnstile.js';

/** A standby asks this often; it does not wait inside Postgres, where a waiting statement would hold back vacuum. */
const STANDBY_MS = 500;
const BACK_OFF_MS_MIN = 100;
const BACK_OFF_MS_MAX = 10_000;
/** undefined_table, invalid_schema_name: the copy was swapped out and dropped. */
const COPY_GONE = new Set(['42P01', '3F000']);

export interface ProjectionRunnerOptions {
  readonly url: string;
  readonly projection: Projection;
  readonly store: EventStore;
  readonly reader: FeedReader;
  readonly log: RunnerLog;
  readonly signal: AbortSignal;
  /** Shared by the projections of the process. */
  readonly turnstile: Turnstile;
  /** Position up to which the log was seen, for the lag. */
  readonly seen: () => Position | undefined;
}

/** Keeps one projection up to date while this process leads it, and stands by otherwise. */
export class ProjectionRunner {
  #state: ProjectionState = 'starting';
  #position: Position | undefined;
  #recordedAt: number | undefined;
  #failures = 0;
  #lastError: Error | undefined;

  constructor(private readonly options: ProjectionRunnerOptions) {}

  status(): ProjectionStatus {
    const seen = this.options.seen();
    const atEnd = seen === undefined || this.#position === undefined || this.#position >= seen;
    return {
      name: this.options.projection.name,
      state: this.#state,
      position: this.#position,
      behindMs: atEnd ? 0 : Math.max(0, Date.now() - (this.#recordedAt ?? Date.now())),
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  /** Resolves when the signal has fired. Failures are reported, shown in the status and tried again. */
  async run(): Promise<void> {
    const { signal, reader, projection, log } = this.options;
    while (!signal.aborted) {
      try {
        await this.#lead();
      } catch (error) {
        if (signal.aborted) break;
        this.#failed(error);
        log.warn(
          { err: error, projection: projection.name, failures: this.#failures },
          'projection is held up',
        );
        reader.pause();
        await pause(backOffMs(this.#failures), signal);
      }
    }
    reader.pause();
  }

  /** One connection's time: waits for the lock, then follows the log until something fails. */
  async #lead(): Promise<void> {
    const { url, projection, signal } = this.options;
    const client = await connectWriter(url, `ledger-projection-${projection.name}`);
    // Ending the connection in the middle of a batch rolls it back: nothing is half written.
    const leave = () => void client.end().catch(() => undefined);
    signal.addEventListener('abort', leave, { once: true });
    try {
      while (!signal.aborted && !(await tryLock(client, 'run', projection.name))) {
        this.#become('standby');
        this.#position = undefined;
        await pause(STANDBY_MS, signal);
      }
      while (!signal.aborted) await this.#follow(client);
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  /** Follows the log into the live copy until that copy is swapped for another. */
  async #follow(client: Client): Promise<void> {
    const { reader, store, projection, turnstile } = this.options;
    const copy = await this.#liveCopy(client);
    if (copy === undefined) return;
    await enterCopy(client, copy);
    const checkpoint = await checkpointOf(client).catch(undefinedIfGone);
    if (checkpoint === undefined) return;
    await this.#check(checkpoint);
    // Before the first event there is no time to count from.
    this.#recordedAt = checkpoint.recordedAt || undefined;
    let { position } = checkpoint;
    for (;;) {
      this.#position = position;
      this.#become('live');
      const window = await reader.next(position);
      if (window === undefined) return;
      try {
        await writeWindow(client, projection, { ...copy, logId: store.logId }, window, turnstile);
      } catch (error) {
        if (error instanceof CheckpointMovedError || isGone(error)) return;
        throw error;
      }
      this.#written(window);
      position = window.checkpoint;
    }
  }

  /** The copy to write; undefined when it was only now brought to this version and must be looked up again. */
  async #liveCopy(client: Client): Promise<Copy | undefined> {
    const { projection, store, url, signal, log } = this.options;
    const copy = await liveCopyOf(client, projection.name);
    if (copy === undefined) {
      await ensureCopies(client, [projection], store.logId);
      return undefined;
    }
    if (copy.version === projection.version) return copy;
    if (copy.version > projection.version) {
      throw new NewerProjectionError(projection.name, copy.version, projection.version);
    }
    this.#become('rebuilding');
    this.options.reader.pause();
    log.info(
      { projection: projection.name, from: copy.version, to: projection.version },
      'projection is rebuilt',
    );
    await rebuildProjection({ url, projection, store, signal });
    return undefined;
  }

  async #check({ logId, position }: { readonly logId: string; readonly position: Position }): Promise<void> {
    const { projection, store } = this.options;
    if (logId !== store.logId) throw new ForeignCheckpointError(projection.name, logId, store.logId);
    const head = await store.head();
    if (position > head) throw new CheckpointBeyondHeadError(projection.name, position, head);
  }

  #written(window: Window): void {
    this.#recordedAt = window.events.at(-1)?.recordedAt ?? this.#recordedAt;
    this.#failures = 0;
    this.#lastError = undefined;
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#lastError = error instanceof Error ? error : new Error(String(error));
    this.#become(needsSomebody(error) ? 'stopped' : 'failing');
  }

  #become(state: ProjectionState): void {
    this.#state = state;
  }
}

const needsSomebody = (error: unknown): boolean =>
  error instanceof ForeignCheckpointError ||
  error instanceof CheckpointBeyondHeadError ||
  error instanceof NewerProjectionError;

const isGone = (error: unknown): boolean => COPY_GONE.has((error as { code?: string }).code ?? '');

function undefinedIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
  return undefined;
}

const backOffMs = (failures: number): number =>
  Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** (failures - 1));

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
