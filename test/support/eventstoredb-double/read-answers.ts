import { streamsPb, sharedPb } from './protocol.js';
import { encodeEvent } from './event-encoder.js';
import type { LogEvent } from './log-event.js';

const { ReadResp } = streamsPb;

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

function bytesOf(answer: InstanceType<typeof ReadResp>): Buffer {
  const bytes = answer.serializeBinary();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
