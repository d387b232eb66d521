import { ForeignPositionError } from '#libs/event-store/errors.js';
import { formatPosition, parsePosition } from '#libs/event-store/position.js';
import type { EventStore, Position } from '#libs/event-store/port.js';
import { ProblemError } from '../problem/problem.js';
import type { ReadModels, ViewName } from './read-models.js';

/** Longest that a read waits for its view. */
export const WAIT_MS_MAX = 5_000;

type Log = Pick<EventStore, 'head' | 'logId'>;

/**
 * A position given by a caller.
 * @throws ProblemError `request.invalid` naming the field: malformed, of another log, or beyond the head
 */
export async function positionOf(log: Log, field: string, text: string): Promise<Position> {
  const position = parseOrRefuse(log, field, text);
  const head = await log.head();
  if (position > head) {
    const message = `lies beyond the head of the log, which is ${formatPosition(log.logId, head)}`;
    throw ProblemError.invalid([{ field, message }]);
  }
  return position;
}

function parseOrRefuse({ logId }: Log, field: string, text: string): Position {
  try {
    return parsePosition(logId, text);
  } catch (error) {
    if (!(error instanceof ForeignPositionError)) throw error;
    const message = `is not a position of this log, for example ${formatPosition(logId, 42n)}`;
    throw ProblemError.invalid([{ field, message }]);
  }
}

/**
 * Waits until the view shows `minPosition`, at most 5 s.
 * @throws ProblemError `request.invalid` or `read.not_caught_up`
 */
export async function waitUntilVisible(
  log: Log,
  reads: Pick<ReadModels, 'waitFor'>,
  view: ViewName,
  minPosition: string | undefined,
): Promise<void> {
  if (minPosition === undefined) return;
  const position = await positionOf(log, 'minPosition', minPosition);
  if (!(await reads.waitFor(view, position, WAIT_MS_MAX))) {
    throw new ProblemError('read.not_caught_up', `View ${view} has not reached ${minPosition} within 5 s.`);
  }
}
