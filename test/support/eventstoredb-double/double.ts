import { Faults } from './faults.js';
import { HOST } from './connections.js';
import { ServerLife, type LifeOptions } from './server-life.js';

/** Events that wait for a live subscriber on a real server. */
const LIVE_BUFFER_EVENTS = 32;

export interface DoubleOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Folder of an append-only file that outlives the process. Default: events are kept in memory, over a restart too. */
  readonly dataDir?: string;
  /** Events that may wait for a live subscriber. Default: 32. */
  readonly subscriberBuffer?: number;
  /** A live subscriber for whom more wait is dropped as too slow, as on 23.10; by default it catches up, as on 24.6. */
  readonly dropSlowSubscribers?: boolean;
  /** An event `$statsCollected` of the server's own after every so many appends. Default: never. */
  readonly statsEveryAppends?: number;
  /** The server's clock, milliseconds since the epoch. Default: the machine's. */
  readonly now?: () => number;
}

/** Starts a protocol double on 127.0.0.1. A port that is taken throws with code EADDRINUSE. */
export async function startDouble(options: DoubleOptions = {}): Promise<EventStoreDouble> {
  const double = new EventStoreDouble(options);
  await double.start();
  return double;
}

/** A running protocol double, and everything that can be made to go wrong with it. */
export class EventStoreDouble {
  readonly faults = new Faults(() => {
    const life = this.#running();
    return {
      dropConnections: () => life.connections.cutAll(),
      endStreams: () => life.reads.endStreams(),
      repeatCaughtUp: () => life.reads.repeatCaughtUp(),
      resume: () => life.reads.resume(),
      refuseConnections: () => life.connections.refuse(),
      acceptConnections: () => life.connections.listen(),
    };
  });
  readonly #options: LifeOptions;
  #life: ServerLife | undefined;
  #last: ServerLife | undefined;

  constructor(options: DoubleOptions) {
    this.#options = {
      port: options.port ?? 0,
      dataDir: options.dataDir,
      now: options.now ?? Date.now,
      buffer: {
        size: options.subscriberBuffer ?? LIVE_BUFFER_EVENTS,
        whenFull: options.dropSlowSubscribers ? 'drop' : 'catch-up',
      },
      statsEveryAppends: options.statsEveryAppends ?? 0,
    };
  }

  get port(): number {
    return this.#last?.connections.port ?? this.#options.port;
  }

  /** For `EVENTSTORE_URL`; the same over restarts. */
  get url(): string {
    return `esdb://${HOST}:${this.port}?tls=false`;
  }

  /** The same server, found through gossip. */
  get discoverUrl(): string {
    return `esdb+discover://${HOST}:${this.port}?tls=false`;
  }

  /** Subscriptions open at this moment. */
  get openSubscriptions(): number {
    return this.#life?.reads.openSubscriptions ?? 0;
  }

  /** Connections open at this moment. */
  get openConnections(): number {
    return this.#life?.connections.open ?? 0;
  }

  /** Starts again after `kill` or `stop`, on the same port with the same events; all faults are over. */
  async start(): Promise<void> {
    if (this.#life) return;
    this.faults.reset();
    this.#life = await ServerLife.start(
      this.faults,
      { ...this.#options, port: this.port },
      this.#last?.log.all,
    );
    this.#last = this.#life;
  }

  /** Ends open streams cleanly, then goes away. */
  async stop(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.stop();
  }

  /** Goes away without a word. */
  async kill(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.kill();
  }

  /** Killed and started again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  #running(): ServerLife {
    if (!this.#life) throw new Error('The protocol double is not running: call start() first.');
    return this.#life;
  }
}
