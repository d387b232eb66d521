import { once } from 'node:events';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf } from './event-filter.js';
import type { Faults } from './faults.js';
import type { LogEvent } from './log-event.js';
import type { Log } from './log.js';
import { streamsPb } from './protocol.js';
import { eventAnswer, streamNotFoundAnswer } from './read-answers.js';
import { BadRequestError, streamNameOf } from './requests.js';
import { handlerThrew, notReady, streamDeleted } from './rpc-errors.js';
import { Subscription, type FeedStart, type LiveBuffer, type ReadCall } from './subscription.js';

const { BACKWARDS } = streamsPb.ReadReq.Options.ReadDirection;

/** Reads and subscriptions, which are one RPC; keeps account of those that are open. */
export class ReadService {
  readonly #calls = new Set<ReadCall>();
  readonly #subscriptions = new Set<Subscription>();

  constructor(private readonly options: { log: Log; faults: Faults; buffer: LiveBuffer }) {}

  readonly handler: handleServerStreamingCall<ReadReq, Buffer> = (call) => {
    this.#calls.add(call);
    call.once('close', () => this.#calls.delete(call));
    call.once('cancelled', () => this.#calls.delete(call));
    void this.#answer(call).catch((error: unknown) => {
      call.emit('error', error instanceof BadRequestError ? handlerThrew() : error);
    });
  };

  endStreams(): void {
    for (const call of this.#calls) call.end();
    this.#calls.clear();
  }

  repeatCaughtUp(): void {
    for (const subscription of this.#subscriptions) subscription.repeatCaughtUp();
  }

  resume(): void {
    for (const subscription of this.#subscriptions) subscription.feed();
  }

  get openSubscriptions(): number {
    return this.#subscriptions.size;
  }

  async #answer(call: ReadCall): Promise<void> {
    const { log, faults } = this.options;
    await faults.wait();
    if (!faults.ready) throw notReady();
    const options = call.request.getOptions();
    if (!options) throw new BadRequestError('A read has options.');
    if (options.hasSubscription()) return this.#subscribe(call, options);
    const stream = options.getStream();
    if (!stream) return this.#send(call, allEvents(log, options));
    const name = streamNameOf(stream.getStreamIdentifier());
    const state = log.stream(name);
    if (state?.tombstoned) throw streamDeleted(name);
    if (!state || state.events.length === 0 || state.softDeleted) {
      call.write(streamNotFoundAnswer(name));
      call.end();
      return;
    }
    return this.#send(call, streamEvents(log, options));
  }

  async #send(call: ReadCall, events: Iterable<LogEvent>): Promise<void> {
    for (const event of events) {
      if (call.cancelled || call.writableEnded) return;
      if (call.write(eventAnswer(event))) continue;
      await drained(call);
      if (this.options.faults.hanging) await this.options.faults.wait();
    }
    call.end();
  }

  #subscribe(call: ReadCall, options: ReadReq.Options): void {
    const { log, faults, buffer } = this.options;
    const subscription = new Subscription({
      call,
      log,
      faults,
      buffer,
      filter: filterOf(options),
      start: startOf(log, options),
    });
    this.#subscriptions.add(subscription);
    const forget = () => {
      subscription.stop();
      this.#subscriptions.delete(subscription);
    };
    call.once('cancelled', forget);
    call.once('finish', forget);
    call.once('close', forget);
    subscription.open();
  }
}

/** Resolves when there is room again, or nobody to write to. */
async function drained(call: ReadCall): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  call.once('cancelled', stop);
  await once(call, 'drain', { signal: over.signal }).catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  call.off('cancelled', stop);
}

/** Forwards from a position on, backwards below it. */
function* allEvents(log: Log, options: ReadReq.Options): Generator<LogEvent> {
  const from = options.getAll();
  const filter = filterOf(options);
  const backwards = options.getReadDirection() === BACKWARDS;
  let left = Number(options.getCount());
  let at = backwards ? log.all.length : 0;
  if (from?.hasPosition()) at = log.indexAt(Number(from.getPosition()!.getCommitPosition()));
  else if (from?.hasEnd()) at = log.all.length;
  else if (from?.hasStart()) at = 0;
  if (backwards) at--;
  for (; left > 0 && at >= 0 && at < log.all.length; at += backwards ? -1 : 1) {
    const event = log.all[at]!;
    if (filter && !filter.matches(event)) continue;
    left--;
    yield event;
  }
}

/** From a revision, itself included, in either direction. */
function* streamEvents(log: Log, options: ReadReq.Options): Generator<LogEvent> {
  const from = options.getStream()!;
  const { events, firstVisible } = log.stream(streamNameOf(from.getStreamIdentifier()))!;
  const backwards = options.getReadDirection() === BACKWARDS;
  let left = Number(options.getCount());
  let at = backwards && from.hasEnd() ? events.length - 1 : from.hasEnd() ? events.length : 0;
  if (from.hasRevision()) at = Number(from.getRevision());
  if (backwards) at = Math.min(at, events.length - 1);
  else at = Math.max(at, firstVisible);
  for (; left > 0 && at >= firstVisible && at < events.length; at += backwards ? -1 : 1, left--) {
    yield events[at]!;
  }
}

/** Where a subscription begins: behind the position or revision named, at the start, or at the end. */
function startOf(log: Log, options: ReadReq.Options): FeedStart {
  const stream = options.getStream();
  if (stream) {
    const name = streamNameOf(stream.getStreamIdentifier());
    const state = log.streamToWatch(name);
    if (state.tombstoned) throw streamDeleted(name);
    let next = stream.hasEnd() ? state.events.length : 0;
    if (stream.hasRevision()) next = Number(stream.getRevision()) + 1;
    return { events: state.events, next: Math.max(next, state.firstVisible) };
  }
  const from = options.getAll();
  if (from?.hasPosition()) {
    return { events: log.all, next: log.indexAt(Number(from.getPosition()!.getCommitPosition()) + 1) };
  }
  return { events: log.all, next: from?.hasEnd() ? log.all.length : 0 };
}
