import { setImmediate as breathe } from 'node:timers/promises';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { Position, RecordedEvent } from '#libs/event-store/port.js';
import { UndecodableEventError } from './errors.js';
import type { LoggedEvent } from './projection.js';

/** A piece of the log, decoded: everything behind `after` up to and with `checkpoint`. */
export interface Window {
  readonly after: Position;
  readonly checkpoint: Position;
  readonly events: readonly LoggedEvent[];
}

/** Events handled before other work of the process gets its turn: about two milliseconds. */
export const SLICE_EVENTS = 256;

/**
 * Decodes events in slices, so that a long catch-up does not hold up the process. Stops at the first event that this
 * version cannot read and returns what is wrong with it; what came before is in `into`.
 */
export async function decodeEvents(
  events: readonly RecordedEvent[],
  into: LoggedEvent[],
): Promise<UndecodableEventError | undefined> {
  for (let at = 0; at < events.length; at++) {
    if (at > 0 && at % SLICE_EVENTS === 0) await breathe();
    try {
      into.push(decode(events[at]!));
    } catch (cause) {
      return new UndecodableEventError(events[at]!, cause);
    }
  }
  return undefined;
}

function decode(recorded: RecordedEvent): LoggedEvent {
  return {
    event: decodeEvent(recorded),
    metadata: decodeMetadata(recorded.metadata),
    id: recorded.id,
    stream: recorded.stream,
    revision: recorded.revision,
    position: recorded.position,
    recordedAt: recorded.recordedAt,
  };
}

/** The part of a window behind `after`, for a reader that has seen its beginning. */
export function windowBehind(window: Window, after: Position): Window {
  if (after <= window.after) return window;
  return { after, checkpoint: window.checkpoint, events: window.events.filter((e) => e.position > after) };
}
