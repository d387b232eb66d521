import { ForeignPositionError } from './errors.js';
import type { Position } from './port.js';

const FORM = /^([0-9a-f]{8})-(0|[1-9][0-9]{0,18})$/;

/** `<logId>-<position>`: what callers keep. It carries the log's id so that another log's position is refused. */
export function formatPosition(logId: string, position: Position): string {
  return `${logId}-${position}`;
}

/** @throws ForeignPositionError when the text is malformed or names another log. */
export function parsePosition(logId: string, text: string): Position {
  const match = FORM.exec(text);
  if (!match)
    throw new ForeignPositionError(`"${text}" is not a position: expected for example "${logId}-42".`);
  if (match[1] !== logId) {
    throw new ForeignPositionError(`Position ${text} belongs to log ${match[1]}, this log is ${logId}.`);
  }
  return BigInt(match[2]!);
}
