import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { AppendDesk } from './append-desk.js';
import { appendHandler, batchAppendHandler } from './append-service.js';
import { Connections } from './connections.js';
import type { Faults } from './faults.js';
import { METADATA_TYPE, metastreamOf, type LogEvent } from './log-event.js';
import { LogFile } from './log-file.js';
import { Log, systemEvent } from './log.js';
import { deleteHandlers, featuresHandler, gossipHandler } from './node-services.js';
import { GossipService, ServerFeaturesService, StreamsDefinition } from './protocol.js';
import { ReadService } from './read-service.js';
import type { LiveBuffer } from './subscription.js';

/** A larger message ends its call. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
/** Calls at once on one connection; more wait on the client's side. */
const CALLS_PER_CONNECTION_MAX = 100;

export interface LifeOptions {
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly now: () => number;
  readonly buffer: LiveBuffer;
  readonly statsEveryAppends: number;
}

/** One run of the server, from its start to its end: what does not survive a restart lives here. */
export class ServerLife {
  readonly log: Log;
  readonly connections: Connections;
  readonly reads: ReadService;
  readonly #file: LogFile | undefined;
  readonly #grpc = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX,
  });

  private constructor(
    private readonly faults: Faults,
    { dataDir, now, buffer }: LifeOptions,
    earlier: readonly LogEvent[],
  ) {
    this.#file = dataDir === undefined ? undefined : LogFile.open(dataDir);
    this.log = new Log({ now, persist: (events) => this.#file?.append(events) });
    this.log.restore(this.#file?.events ?? earlier);
    this.reads = new ReadService({ log: this.log, faults, buffer });
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.connections = new Connections((socket) => injector.injectConnection(socket));
  }

  /** `earlier`: what the log held before, when it is kept in no file. */
  static async start(
    faults: Faults,
    options: LifeOptions,
    earlier: readonly LogEvent[] = [],
  ): Promise<ServerLife> {
    const life = new ServerLife(faults, options, earlier);
    try {
      await life.connections.listen(options.port);
    } catch (error) {
      life.#close();
      throw error;
    }
    life.#writeFirstEvents();
    life.#serve(options);
    return life;
  }

  /** Ends at once, as `kill -9` does for who is connected: nothing is said, nothing is finished. */
  async kill(): Promise<void> {
    await this.connections.refuse();
    this.connections.cutAll();
    this.#close();
  }

  /** Ends what is open cleanly, then goes away. */
  async stop(): Promise<void> {
    await this.connections.refuse();
    this.reads.endStreams();
    await new Promise<void>((resolve) => {
      // A call that hangs would keep it from ending for ever.
      const timer = setTimeout(() => this.#grpc.forceShutdown(), STOP_PATIENCE_MS);
      this.#grpc.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.connections.cutAll();
    this.#close();
  }

  #close(): void {
    this.#grpc.forceShutdown();
    this.#file?.close();
  }

  #serve({ statsEveryAppends }: LifeOptions): void {
    const { log, faults, connections, reads } = this;
    const statsStream = this.#statsStream;
    const cut = (peer: string) => connections.cut(peer);
    const desk = new AppendDesk({ log, faults, cut, statsEveryAppends, statsStream });
    const node = { log, faults, instanceId: randomUUID(), port: () => connections.port };
    this.#grpc.addService(StreamsDefinition, {
      read: reads.handler,
      append: appendHandler({ desk, faults }),
      batchAppend: batchAppendHandler({ desk, faults }),
      ...deleteHandlers(node),
    });
    this.#grpc.addService(ServerFeaturesService, featuresHandler(faults));
    this.#grpc.addService(GossipService, gossipHandler(node));
  }

  /** What every server writes of its own accord: its log is never empty, and grows with each start. */
  #writeFirstEvents(): void {
    const { log } = this;
    if (log.all.length === 0) {
      const settings = systemEvent(METADATA_TYPE, { $maxAge: STATS_KEPT_SECONDS });
      log.append(metastreamOf(this.#statsStream), [settings], 'no_stream');
    }
    log.append('$epochs', [systemEvent('$epoch-information', { epochNumber: log.all.length })], 'any');
  }

  get #statsStream(): string {
    return `$stats-127.0.0.1:${this.connections.port}`;
  }
}

const STOP_PATIENCE_MS = 200;
const STATS_KEPT_SECONDS = 86_400;
