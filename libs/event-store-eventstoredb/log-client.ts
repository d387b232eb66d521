import { EventStoreDBClient } from '@eventstore/db-client';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  AppendReq,
  AppendResp,
  ReadReq as ReadRequest,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { ConnectionSettings } from './connection-string.js';
import { named, ReadTimeoutError } from './failures.js';
import { received, type Received } from './wire.js';

/** After a read was given up, `dispose()` of the client may never settle. */
const DISPOSE_MS_MAX = 2_000;

/** A running read or subscription. */
export type ReadCall = ReturnType<StreamsClient['read']>;

/**
 * The client, for what it does well (discovery, TLS, credentials, finding the leader again), with calls of our own on
 * its connection. Its own `appendToStream` and reads put data and metadata through JSON.stringify and JSON.parse,
 * which do not keep texts as they are (`1.10`, `{"a":1,"a":2}`, numbers past 2^53); and its reads know no deadline.
 */
export class LogClient extends EventStoreDBClient {
  #used = false;

  constructor({ hosts, discover, insecure, credentials, options, ...certificates }: ConnectionSettings) {
    const channel = { insecure, ...certificates };
    const [first] = hosts as [(typeof hosts)[number]];
    if (!discover) super({ ...options, endpoint: { ...first } }, channel, credentials);
    else if (hosts.length > 1) super({ ...options, endpoints: [...hosts] }, channel, credentials);
    else super({ ...options, discover: { ...first } }, channel, credentials);
  }

  /**
   * The Append RPC, never BatchAppend, which `appendToStream` would choose without credentials of its own: that has no
   * deadline, shares its pending appends among all clients of the process, and after one request the server calls bad
   * it ends the process (docs/decisions/0017-append-rpc.md).
   */
  append(messages: readonly AppendReq[], timeoutMs: number): Promise<AppendResp> {
    return this.#named(
      this.execute<StreamsClient, AppendResp>(
        grpc.StreamsClient,
        'append',
        (client) =>
          new Promise((resolve, reject) => {
            const call = client.append(...this.#arguments(timeoutMs), (error, response) =>
              error ? reject(error) : resolve(response),
            );
            // A connection that breaks between two messages is reported here as well, and must not end the process.
            call.on('error', reject);
            for (const message of messages) call.write(message);
            call.end();
          }),
      ),
    );
  }

  /** All that a bounded read brings, or `ReadTimeoutError`: the server does not keep deadlines of reads. */
  readToEnd(request: ReadRequest, timeoutMs: number): Promise<Received[]> {
    const read = new Promise<Received[]>((resolve, reject) => {
      const all: Received[] = [];
      let call: ReadCall | undefined;
      const timer = setTimeout(() => {
        reject(new ReadTimeoutError(timeoutMs));
        call?.cancel();
      }, timeoutMs);
      const settled = () => clearTimeout(timer);
      const opened = this.#open(request, (opening) => {
        call = opening;
        call.on('data', (response: ReadResp) => {
          const one = received(response);
          if (one) all.push(one);
        });
        call.on('error', (error) => (settled(), reject(error)));
        call.on('end', () => (settled(), resolve(all)));
      });
      opened.catch((error: unknown) => (settled(), reject(named(error))));
    });
    return this.#named(read);
  }

  /** A call that goes on until cancelled. `listen` is called before anything can happen to it. */
  subscribe(request: ReadRequest, listen: (call: ReadCall) => void): Promise<ReadCall> {
    return this.#named(this.#open(request, listen));
  }

  /** Ends all calls and the connection, so that the process may exit. */
  async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, DISPOSE_MS_MAX)));
    await Promise.race([this.dispose().catch(() => undefined), patience]);
    clearTimeout(timer);
    // Asking for the channel of a client that was never used would make one.
    if (this.#used) await this.getChannel().then((channel) => channel.close(), nothing);
  }

  #open(request: ReadRequest, listen: (call: ReadCall) => void): Promise<ReadCall> {
    return this.GRPCStreamCreator<StreamsClient, ReadCall>(grpc.StreamsClient, 'read', (client) => {
      const call = client.read(request, ...this.#arguments(Infinity));
      listen(call);
      return call;
    })();
  }

  /** What decides is answered by the leader. */
  #arguments(timeoutMs: number) {
    this.#used = true;
    return this.callArguments({ requiresLeader: true }, { deadline: Date.now() + timeoutMs });
  }

  #named<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw named(error);
    });
  }
}

function nothing(): void {}
