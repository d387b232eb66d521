import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LostReply, PlannedLoss } from '#libs/event-store/memory-store.js';
import { HOST } from './connections.js';
import type { EventStoreDouble } from './double.js';
import type { AppendFaultOptions } from './faults.js';

/** What a request to the control endpoint may carry; every fault takes some of it. */
export interface ControlBody {
  readonly ms?: number;
  readonly ready?: boolean;
  readonly when?: LostReply;
  /** Regular expression of stream names. */
  readonly streams?: string;
  /** Revision in decimal digits, or `no_stream`. */
  readonly actual?: string;
  /** Of a planned loss. */
  readonly id?: number;
}

export interface ControlState {
  readonly url: string;
  readonly openConnections: number;
  readonly openSubscriptions: number;
}

type Answer = object | undefined;

const LOST_REPLIES: readonly LostReply[] = ['before-commit', 'after-commit', 'late'];

/** Serves `POST /<fault>` with a JSON body and `GET /state`, so that another process can ask for faults. */
export async function serveControl(
  double: EventStoreDouble,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const actions = actionsOf(double);
  const server = createServer((request, response) => void answer(actions, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

function actionsOf(
  double: EventStoreDouble,
): Record<string, (body: ControlBody) => Answer | Promise<Answer>> {
  const { faults } = double;
  const losses: PlannedLoss[] = [];
  const done = (action: void | Promise<void>) => Promise.resolve(action).then(() => undefined);
  return {
    state: (): ControlState => {
      const { url, openConnections, openSubscriptions } = double;
      return { url, openConnections, openSubscriptions };
    },
    hang: () => done(faults.hang()),
    release: () => done(faults.release()),
    clear: () => done(faults.clear()),
    delay: ({ ms }) => done(faults.delay(required(ms, 'ms'))),
    'set-ready': ({ ready }) => done(faults.setReady(required(ready, 'ready'))),
    'drop-connections': () => done(faults.dropConnections()),
    'end-streams': () => done(faults.endStreams()),
    'repeat-caught-up': () => done(faults.repeatCaughtUp()),
    'refuse-connections': () => done(faults.refuseConnections()),
    'accept-connections': () => done(faults.acceptConnections()),
    'lose-next-reply': ({ when, streams }) => {
      const known = required(
        LOST_REPLIES.find((reply) => reply === when),
        'when',
      );
      const id = losses.push(faults.loseNextReply(known, streamsOf(streams))) - 1;
      return { id };
    },
    'release-late': ({ id }) => done(required(losses[required(id, 'id')], 'id').release()),
    'conflict-next-append': ({ actual, streams }) =>
      done(faults.conflictNextAppend({ ...streamsOf(streams), ...actualOf(actual) })),
    restart: () => done(double.restart()),
  };
}

async function answer(
  actions: ReturnType<typeof actionsOf>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (code: number, body: object) => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    const name = request.url?.slice(1) ?? '';
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) return say(404, { error: `There is ${Object.keys(actions).join(', ')}; not "${name}".` });
    say(200, (await action(await bodyOf(request))) ?? {});
  } catch (error) {
    say(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function bodyOf(request: IncomingMessage): Promise<ControlBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as ControlBody;
}

function streamsOf(streams: string | undefined): AppendFaultOptions {
  return streams === undefined ? {} : { streams: new RegExp(streams, 'u') };
}

function actualOf(actual: string | undefined): { actual?: bigint | 'no_stream' } {
  if (actual === undefined) return {};
  return { actual: actual === 'no_stream' ? actual : BigInt(actual) };
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`"${name}" is missing or unknown.`);
  return value;
}
