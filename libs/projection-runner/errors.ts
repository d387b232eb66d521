import type { Position, RecordedEvent } from '#libs/event-store/port.js';

/** The checkpoint belongs to another log than the one being read. */
export class ForeignCheckpointError extends Error {
  override readonly name = 'ForeignCheckpointError';
  constructor(projection: string, checkpointLog: string, log: string) {
    super(
      `Projection ${projection} holds rows of log ${checkpointLog}, this log is ${log}. ` +
        `Connect the log it belongs to, or rebuild it: ledger rebuild ${projection}.`,
    );
  }
}

/** The checkpoint lies past the head: the log was replaced or truncated. */
export class CheckpointBeyondHeadError extends Error {
  override readonly name = 'CheckpointBeyondHeadError';
  constructor(projection: string, checkpoint: Position, head: Position) {
    super(
      `Projection ${projection} is at position ${checkpoint}, the log ends at ${head}: the log was replaced or ` +
        `truncated. Restore the log, or rebuild the projection: ledger rebuild ${projection}.`,
    );
  }
}

/** The stored copy was built by a newer version of the program. */
export class NewerProjectionError extends Error {
  override readonly name = 'NewerProjectionError';
  constructor(projection: string, stored: number, known: number) {
    super(
      `Projection ${projection} was built as version ${stored}, this program knows version ${known}. ` +
        `Start the newer program, or go back on purpose: ledger rebuild ${projection}.`,
    );
  }
}

/** Somebody else moved the checkpoint or swapped the copy; nothing of the batch was written. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
  constructor(projection: string, expected: Position) {
    super(`Projection ${projection} is no longer at position ${expected}: its checkpoint is read again.`);
  }
}

/** A change found no row, or more than one, to change: the projection's code or its rows are wrong. */
export class ChangeMissedError extends Error {
  override readonly name = 'ChangeMissedError';
  constructor(projection: string, table: string, keys: number, touched: number) {
    super(
      `Projection ${projection}: ${keys} keys of ${table} were to change, ${touched} rows did. Nothing was written. ` +
        `Its rows do not fit the log: ledger rebuild ${projection}.`,
    );
  }
}

/** An event that this version of the program cannot read: no projection goes past it. */
export class UndecodableEventError extends Error {
  override readonly name = 'UndecodableEventError';
  constructor(event: RecordedEvent, cause: unknown) {
    super(
      `Event at position ${event.position} (${event.type}, ${event.stream} revision ${event.revision}) cannot be ` +
        `read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** No copy of the projection exists yet in this database. */
export class ProjectionMissingError extends Error {
  override readonly name = 'ProjectionMissingError';
  constructor(projection: string) {
    super(`Projection ${projection} has no copy in this database: start a projector, it makes one.`);
  }
}

/** Another process is rebuilding the same projection. */
export class RebuildRunningError extends Error {
  override readonly name = 'RebuildRunningError';
  constructor(projection: string) {
    super(`Projection ${projection} is being rebuilt by another process: wait until it has ended.`);
  }
}
