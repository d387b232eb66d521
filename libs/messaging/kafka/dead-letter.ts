import type { Message } from 'kafkajs';
import type { DeadLetter } from '../source.js';

/** A reason may quote what it found; headers are to stay small. */
const REASON_CHARACTERS_MAX = 1_000;

/**
 * A message that was put aside, for who watches the dead-letter topic: key = stream, value = the message as JSON, and
 * in headers which consumer, why and since when.
 */
export function letterOf(letter: DeadLetter): Message {
  const { consumer, stream, messageId, reason, parkedAt, message } = letter;
  return {
    key: stream,
    value: message,
    headers: {
      'content-type': 'application/json',
      consumer,
      message_id: messageId,
      reason: reason.slice(0, REASON_CHARACTERS_MAX),
      parked_at: parkedAt.toISOString(),
    },
  };
}
