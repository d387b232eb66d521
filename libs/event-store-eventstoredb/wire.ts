import type {
  AppendReq,
  AppendResp,
  ReadReq as ReadRequest,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
// The messages and the service that the client package ships: CommonJS, whose names only its default export has.
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  LOG_START,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type Revision,
} from '#libs/event-store/port.js';
import type { ServerFilter } from './log-names.js';

const { AppendReq: Append, ReadReq: Read } = streams;
const { Empty, StreamIdentifier, UUID } = shared;

/** So the server's projections and its console can look into the events. The bytes are stored as they are. */
const CONTENT_TYPE = 'application/json';
/** `created` counts ticks of 100 ns. */
const TICKS_DIGITS_BELOW_MS = 4;

/** Messages of one append, in the order they are sent: the stream and the expectation, then the events. */
export function appendMessages(
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision | 'any',
): AppendReq[] {
  const options = new Append.Options().setStreamIdentifier(identifierOf(stream));
  if (expected === 'no_stream') options.setNoStream(new Empty());
  else if (expected === 'any') options.setAny(new Empty());
  else options.setRevision(String(expected));
  return [new Append().setOptions(options), ...events.map(proposed)];
}

function proposed({ id, type, data, metadata }: NewEvent): AppendReq {
  const message = new Append.ProposedMessage()
    .setId(new UUID().setString(id))
    .setData(Buffer.from(data))
    .setCustomMetadata(Buffer.from(metadata));
  message.getMetadataMap().set('type', type).set('content-type', CONTENT_TYPE);
  return new Append().setProposedMessage(message);
}

export type AppendAnswer =
  | { readonly written: true; readonly revision: Revision; readonly position: Position }
  | { readonly written: false; readonly actual: Revision | 'no_stream' };

export function appendAnswer(response: AppendResp): AppendAnswer {
  const success = response.getSuccess();
  const position = success?.getPosition();
  if (success && position) {
    return {
      written: true,
      revision: Number(success.getCurrentRevision()),
      position: BigInt(position.getCommitPosition()),
    };
  }
  const conflict = response.getWrongExpectedVersion();
  if (!conflict) throw new Error('The server answered an append with neither success nor a conflict.');
  return {
    written: false,
    actual: conflict.hasCurrentRevision() ? Number(conflict.getCurrentRevision()) : 'no_stream',
  };
}

function identifierOf(stream: string) {
  return new StreamIdentifier().setStreamName(Buffer.from(stream));
}

function request(options: ReadRequest.Options): ReadRequest {
  options.setUuidOption(new Read.Options.UUIDOption().setString(new Empty())).setResolveLinks(false);
  return new Read().setOptions(options);
}

export interface StreamRange {
  readonly stream: string;
  /** Inclusive. `end` reads backwards. */
  readonly from: Revision | 'end';
  readonly countMax: number;
}

export function readStreamRequest({ stream, from, countMax }: StreamRange): ReadRequest {
  const place = new Read.Options.StreamOptions().setStreamIdentifier(identifierOf(stream));
  if (from === 'end') place.setEnd(new Empty());
  else place.setRevision(String(from));
  const { FORWARDS, BACKWARDS } = Read.Options.ReadDirection;
  return request(
    new Read.Options()
      .setStream(place)
      .setReadDirection(from === 'end' ? BACKWARDS : FORWARDS)
      .setCount(String(countMax))
      .setNoFilter(new Empty()),
  );
}

export interface LogRange {
  /** Forwards inclusive, backwards exclusive, as the server has it. */
  readonly from: Position | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly countMax: number;
}

export function readAllRequest({ from, direction, countMax }: LogRange): ReadRequest {
  const { FORWARDS, BACKWARDS } = Read.Options.ReadDirection;
  return request(
    new Read.Options()
      .setAll(placeOf(from))
      .setReadDirection(direction === 'forwards' ? FORWARDS : BACKWARDS)
      .setCount(String(countMax))
      .setNoFilter(new Empty()),
  );
}

export interface SubscriptionRange {
  /** Exclusive. */
  readonly after: Position;
  readonly filter: ServerFilter;
  /** The server reports how far it has come at least once for so many events looked at. */
  readonly windowEvents: number;
}

export function subscribeRequest({ after, filter, windowEvents }: SubscriptionRange): ReadRequest {
  const { on, regex = '', prefixes = [] } = filter;
  const expression = new Read.Options.FilterOptions.Expression().setRegex(regex).setPrefixList([...prefixes]);
  const options = new Read.Options.FilterOptions().setMax(windowEvents).setCheckpointintervalmultiplier(1);
  if (on === 'stream') options.setStreamIdentifier(expression);
  else options.setEventType(expression);
  return request(
    new Read.Options()
      .setAll(placeOf(after))
      .setSubscription(new Read.Options.SubscriptionOptions())
      .setFilter(options),
  );
}

function placeOf(position: Position | 'end') {
  const all = new Read.Options.AllOptions();
  if (position === 'end') return all.setEnd(new Empty());
  if (position === LOG_START) return all.setStart(new Empty());
  const text = String(position);
  return all.setPosition(new Read.Options.Position().setCommitPosition(text).setPreparePosition(text));
}

/** What a read or a subscription brings. */
export type Received =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** Everything up to here was looked at. */
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'not-found' };

/** `undefined` for what concerns nobody here, such as the confirmation of a subscription. */
export function received(response: ReadResp): Received | undefined {
  const event = response.getEvent()?.getEvent();
  if (event) return { kind: 'event', event: recorded(event) };
  const checkpoint = response.getCheckpoint();
  if (checkpoint) return { kind: 'checkpoint', position: BigInt(checkpoint.getCommitPosition()) };
  if (response.hasCaughtUp()) return { kind: 'caught-up' };
  if (response.hasStreamNotFound()) return { kind: 'not-found' };
  return undefined;
}

/** Its stream is still called as on the server. */
function recorded(event: ReadResp.ReadEvent.RecordedEvent): RecordedEvent {
  const properties = event.getMetadataMap();
  const created = properties.get('created') ?? '0';
  return {
    stream: textOf(event.getStreamIdentifier()?.getStreamName_asU8()),
    revision: Number(event.getStreamRevision()),
    position: BigInt(event.getCommitPosition()),
    recordedAt: Number(created.slice(0, -TICKS_DIGITS_BELOW_MS)),
    id: event.getId()?.getString() ?? '',
    type: properties.get('type') ?? '',
    data: textOf(event.getData_asU8()),
    metadata: textOf(event.getCustomMetadata_asU8()),
  };
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : '';
}
