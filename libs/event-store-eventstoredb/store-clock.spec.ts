import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import { LogNames } from './log-names.js';
import { MEASURE_AGE_MS_MAX, StoreClock } from './store-clock.js';

const AHEAD_MS = 250_000;

/** A server whose clock is ahead, with the time that an append takes there and back. */
class Server {
  nowMs = 1_000_000;
  there = 1;
  back = 1;
  appends = 0;
  #last: RecordedEvent | undefined;
  readonly clock = new StoreClock({
    client: { append: async (messages) => this.#append(messages) },
    reader: { readServerStream: async () => (this.#last ? [this.#last] : []) },
    names: new LogNames(undefined),
    timeoutMs: 1_000,
    local: () => this.nowMs,
  });

  /** How far the clock is behind the server's. */
  async behind(): Promise<number> {
    const now = await this.clock.now();
    return this.time - now;
  }

  get time(): number {
    return this.nowMs + AHEAD_MS;
  }

  #append(messages: readonly AppendReq[]): AppendResp {
    this.appends++;
    this.nowMs += this.there;
    const id = messages[1]!.getProposedMessage()!.getId()!.getString();
    const recordedAt = Math.floor(this.time);
    const place = { stream: '_ledger_clock', revision: 0, position: 1n };
    this.#last = { ...place, id, recordedAt, type: 'ClockRead.v1', data: '{}', metadata: '{}' };
    this.nowMs += this.back;
    return {} as AppendResp;
  }
}

test('is behind the store at most by the way back of the best measure, and never ahead', async () => {
  const server = new Server();
  server.there = 40;
  server.back = 2;
  expect(await server.behind()).toBe(2);
});

test('measures again when the way was long, and takes the best', async () => {
  const server = new Server();
  server.back = 80;
  expect(await server.behind()).toBe(80);
  const measured = server.appends;
  expect(measured).toBeGreaterThan(2);
  server.back = 1;
  server.nowMs += MEASURE_AGE_MS_MAX + 1;
  expect(await server.behind()).toBe(1);
});

test('asks the server only once a minute', async () => {
  const server = new Server();
  await server.clock.now();
  const measured = server.appends;
  server.nowMs += MEASURE_AGE_MS_MAX;
  await server.clock.now();
  expect(server.appends).toBe(measured);
  server.nowMs += 1;
  await server.clock.now();
  expect(server.appends).toBe(measured + 1);
});

test('learns from events of its own, and is never behind one that was seen', async () => {
  const server = new Server();
  server.clock.sawOwn({ recordedAt: server.time, confirmedAt: server.nowMs + 3 });
  server.nowMs += 10;
  expect(await server.behind()).toBe(3);
  expect(server.appends).toBe(0);
  server.clock.saw(server.time - 1);
  expect(await server.behind()).toBe(1);
});
