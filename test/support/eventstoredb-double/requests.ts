import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { Expected, NewLogEvent } from './log-event.js';

const UUID_SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BITS_64 = 64n;

/** A request that the server takes for malformed, as opposed to one that it refuses. */
export class BadRequestError extends Error {}

export interface AppendRequest {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly NewLogEvent[];
}

/** What the messages of both append paths have in common. */
export interface ProposedMessage {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** What the options of append, delete and tombstone have in common; the revision's name differs. */
export interface ExpectedOptions {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

export function expectedOf(options: ExpectedOptions, revision: string): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(revision);
}

/** Throws BadRequestError when there is no name. */
export function streamNameOf(identifier: StreamIdentifier | undefined): string {
  const name = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
  if (name === '') throw new BadRequestError('The stream name is empty.');
  return name;
}

/** Throws BadRequestError for an empty type or an id that is not a UUID. */
export function newEventOf(message: ProposedMessage): NewLogEvent {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type') ?? '';
  if (type === '') throw new BadRequestError('The event type is empty.');
  const contentType = metadata.get('content-type') ?? '';
  if (contentType === '') throw new BadRequestError('The content type is empty.');
  const id = uuidOf(message.getId());
  return { id, type, contentType, data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
}

export function uuidOf(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (structured) {
    const high = BigInt.asUintN(Number(BITS_64), BigInt(structured.getMostSignificantBits()));
    const low = BigInt.asUintN(Number(BITS_64), BigInt(structured.getLeastSignificantBits()));
    const hex = ((high << BITS_64) | low).toString(16).padStart(32, '0');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  const text = uuid?.getString() ?? '';
  if (!UUID_SHAPE.test(text)) throw new BadRequestError(`"${text}" is not a UUID.`);
  return text.toLowerCase();
}
