import { streamsPb, sharedPb } from './protocol.js';
import type { LogEvent } from './log-event.js';

const { ReadResp } = streamsPb;
/** `created` counts in steps of 100 nanoseconds. */
const TICKS_PER_MS = 10_000n;

/** Answers of Read, as bytes ready to send. */

export function eventAnswer(event: LogEvent): Buffer {
  event.encoded ??= encodeEvent(event);
  return event.encoded;
}

export function confirmationAnswer(subscriptionId: string): Buffer {
  const answer = new ReadResp();
  answer.setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId));
  return bytesOf(answer);
}

export function checkpointAnswer(position: number): Buffer {
  const checkpoint = new ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position)).setPreparePosition(String(position));
  return bytesOf(new ReadResp().setCheckpoint(checkpoint));
}

export function caughtUpAnswer(): Buffer {
  return bytesOf(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));
}

export function streamNotFoundAnswer(stream: string): Buffer {
  const notFound = new ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return bytesOf(new ReadResp().setStreamNotFound(notFound));
}

export function streamIdentifier(stream: string): InstanceType<typeof sharedPb.StreamIdentifier> {
  return new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream));
}

function encodeEvent(event: LogEvent): Buffer {
  const { id, stream, revision, position, type, contentType, createdMs, data, metadata } = event;
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  recorded
    .setId(new sharedPb.UUID().setString(id))
    .setStreamIdentifier(streamIdentifier(stream))
    .setStreamRevision(String(revision))
    .setPreparePosition(String(position))
    .setCommitPosition(String(position))
    .setData(data)
    .setCustomMetadata(metadata);
  const created = BigInt(Math.floor(createdMs)) * TICKS_PER_MS;
  recorded
    .getMetadataMap()
    .set('type', type)
    .set('content-type', contentType)
    .set('created', String(created));
  const read = new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(position));
  return bytesOf(new ReadResp().setEvent(read));
}

function bytesOf(answer: InstanceType<typeof ReadResp>): Buffer {
  const bytes = answer.serializeBinary();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
