import type { ExpectedRevision, Position, Revision } from './port.js';

/** The stream moved: `actual` is its revision now. Nothing was written. */
export class WrongExpectedRevisionError extends Error {
  override readonly name = 'WrongExpectedRevisionError';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: Revision | 'no_stream',
  ) {
    super(
      `Stream ${stream} is at ${actual}, the append expected ${expected}. Read the stream again and decide anew.`,
    );
  }
}

/** The append may or may not be written. Repeat it with the same event ids and the same expectation. */
export class AppendOutcomeUnknownError extends Error {
  override readonly name = 'AppendOutcomeUnknownError';
  constructor(
    readonly stream: string,
    options?: ErrorOptions,
  ) {
    super(
      `The outcome of an append to ${stream} is unknown. Repeat it with the same event ids and expectation.`,
      options,
    );
  }
}

/** The store could not be reached; nothing was written. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** More events or bytes than one append may hold, or none at all. Nothing was written. */
export class AppendSizeError extends Error {
  override readonly name = 'AppendSizeError';
}

/**
 * Stream name, expectation, event type, id, data or metadata is not acceptable. `field` names it, for example
 * `events[2].type`. Nothing was written.
 */
export class InvalidAppendError extends Error {
  override readonly name = 'InvalidAppendError';
  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field}: ${problem}`);
  }
}

/** A position or checkpoint of another log, or malformed. */
export class ForeignPositionError extends Error {
  override readonly name = 'ForeignPositionError';
}

/** A position or checkpoint past the head of this log: the log was replaced or truncated. */
export class PositionBeyondHeadError extends Error {
  override readonly name = 'PositionBeyondHeadError';
  constructor(
    readonly position: Position,
    readonly head: Position,
  ) {
    super(
      `Position ${position} lies beyond the head of the log (${head}): the log was replaced or truncated. ` +
        'Rebuild the reader from the start of this log, or restore the log the position came from.',
    );
  }
}
