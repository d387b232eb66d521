import { randomUUID } from 'node:crypto';
import {
  ANY,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  streamNameFilter,
  type AllStreamSubscription,
  type AppendExpectedRevision,
  type AppendResult,
  type JSONEventType,
  type JSONRecordedEvent,
} from '@eventstore/db-client';

/** Which of the client's two ways an append takes. */
export type Path = 'rpc' | 'batch';

type Tested = JSONEventType<string, { readonly n: number }>;

/** The bare client as the protocol double's own tests use it. */
export class BareClient {
  readonly client: EventStoreDBClient;

  constructor(
    url: string,
    private readonly path: Path = 'rpc',
  ) {
    this.client = EventStoreDBClient.connectionString(url);
  }

  /** Events in a stream, numbered on; their ids in the order written. */
  async append(
    stream: string,
    options: {
      count?: number;
      ids?: readonly string[];
      type?: string;
      expected?: AppendExpectedRevision;
      deadlineMs?: number;
    } = {},
  ): Promise<AppendResult & { ids: readonly string[] }> {
    const { count = 1, ids = Array.from({ length: count }, () => randomUUID()), type = 'Tested' } = options;
    const events = ids.map((id, n) => jsonEvent<Tested>({ id, type, data: { n } }));
    // Credentials choose the Append RPC; an insecure server ignores them.
    const credentials = { username: 'admin', password: 'changeit' };
    const result = await this.client.appendToStream(stream, events, {
      expectedRevision: options.expected ?? ANY,
      ...(this.path === 'rpc' ? { credentials } : {}),
      ...(options.deadlineMs === undefined ? {} : { deadline: options.deadlineMs }),
    });
    return { ...result, ids };
  }

  async create(stream: string, count = 1): Promise<readonly string[]> {
    return (await this.append(stream, { count, expected: NO_STREAM })).ids;
  }

  async read(stream: string): Promise<JSONRecordedEvent<Tested>[]> {
    const events: JSONRecordedEvent<Tested>[] = [];
    for await (const { event } of this.client.readStream<Tested>(stream)) if (event) events.push(event);
    return events;
  }

  async ids(stream: string): Promise<string[]> {
    return (await this.read(stream)).map(({ id }) => id);
  }

  /** Streams and types of $all, in order. */
  async all(): Promise<{ stream: string; type: string; commit: bigint }[]> {
    const seen = [];
    for await (const { event } of this.client.readAll()) {
      if (event) seen.push({ stream: event.streamId, type: event.type, commit: event.position.commit });
    }
    return seen;
  }

  /** A subscription to the streams of a prefix from the start, whose events and marks are noted as they come. */
  follow(prefix: string, options: FollowOptions = {}): Followed {
    const followed: Followed = {
      seen: [],
      marks: [],
      checkpoints: [],
      errors: [],
      ended: false,
      stop: async () => {},
    };
    const subscription: AllStreamSubscription = this.client.subscribeToAll({
      ...(options.after === undefined ? {} : { fromPosition: position(options.after) }),
      filter: streamNameFilter({
        prefixes: [prefix],
        ...(options.window === undefined ? {} : { maxSearchWindow: options.window }),
        checkpointReached: async (_, { commit }) =>
          void followed.checkpoints.push({ commit, after: followed.seen.length }),
      }),
    });
    subscription
      .on('data', ({ event }) => {
        if (event) followed.seen.push({ id: event.id, commit: event.position.commit });
      })
      .on('caughtUp', () => followed.marks.push(followed.seen.length))
      .on('error', (error: Error) => followed.errors.push(error))
      .on('end', () => (followed.ended = true));
    followed.stop = () => subscription.unsubscribe();
    return followed;
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}

export interface FollowOptions {
  /** Commit position, excluded. */
  readonly after?: bigint;
  readonly window?: number;
}

export interface Followed {
  readonly seen: { readonly id: string; readonly commit: bigint }[];
  /** Number of events seen at each caught-up mark. */
  readonly marks: number[];
  readonly checkpoints: { readonly commit: bigint; readonly after: number }[];
  readonly errors: Error[];
  ended: boolean;
  stop: () => Promise<void>;
}

const position = (commit: bigint) => ({ commit, prepare: commit });
