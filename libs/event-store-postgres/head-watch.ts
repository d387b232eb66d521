import type pg from 'pg';
import type { LogHead } from '#libs/event-store/log-head.js';
import type { Position } from '#libs/event-store/port.js';

/** See `append-batch.sql`. */
const CHANNEL = 'log_appended';
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 2_000;

export interface HeadWatchOptions {
  readonly head: LogHead;
  /** A connection of its own, for LISTEN. */
  readonly connect: () => Promise<pg.Client>;
  readonly readHead: () => Promise<Position>;
  /** Server processes whose batches this process hears of by their replies. */
  readonly isOwn: (processId: number) => boolean;
  /** The log is shorter than it was: it was replaced or truncated. */
  readonly retreated: () => void;
  /** Safety net for a lost notification, milliseconds. */
  readonly pollMs: number;
}

/** Keeps `head` up to date with what other processes append: by NOTIFY, and by a slow poll in case one got lost. */
export class HeadWatch {
  #client: pg.Client | undefined;
  #poll: NodeJS.Timeout | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #reconnectMs = RECONNECT_MS_MIN;
  #refreshing: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(private readonly options: HeadWatchOptions) {}

  /** Resolves when notifications are listened to. */
  async start(): Promise<void> {
    this.#poll = setInterval(() => this.refresh(), this.options.pollMs);
    await this.#listen();
  }

  /** Asks for the head; calls during a running question share one more. */
  refresh(): void {
    if (this.#closed) return;
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = this.#ask().finally(() => {
      this.#refreshing = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.refresh();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#reconnect);
    await this.#client?.end().catch(() => undefined);
    await this.#refreshing;
  }

  async #ask(): Promise<void> {
    const { head, readHead, retreated } = this.options;
    const knownBefore = head.known;
    try {
      const position = await readHead();
      if (position < knownBefore) {
        retreated();
        head.retreat(position);
      } else head.advance(position);
    } catch {
      // The server is away: the next poll, notification or reconnection asks again.
    }
  }

  async #listen(): Promise<void> {
    const client = await this.options.connect();
    if (this.#closed) {
      await client.end();
      return;
    }
    this.#client = client;
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', (message) => {
      if (!this.options.isOwn(message.processId)) this.refresh();
    });
    await client.query(`listen ${CHANNEL}`);
    this.#reconnectMs = RECONNECT_MS_MIN;
    // What was appended before LISTEN took hold notified nobody here.
    this.refresh();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => {
      this.#listen().catch(() => this.#client ?? this.#retry());
    }, this.#reconnectMs);
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS_MAX);
  }
}
