import pg from 'pg';
import { NotDurableError } from './durability.js';

/** Administrator's shutdown, crash shutdown, cannot connect now, and connection exceptions. */
const CONNECTION_LOST = /^(57P0|08)/;
/** Postgres itself says that it does not know how the statement ended. */
const COMPLETION_UNKNOWN = '40003';
const SEVERE = new Set(['FATAL', 'PANIC']);
/** Data exception, constraint violation, program limit: the content is at fault, not the server. */
const REFUSED_INPUT = /^(22|23|54)/;
/** Insufficient resources, operator intervention, lock not available, serialization and deadlock. */
const PASSING = /^(53|57|55P03|40)/;

/** Postgres has answered that the statement failed: nothing of it was written. */
export function isDefinite(error: unknown): error is pg.DatabaseError {
  return (
    error instanceof pg.DatabaseError &&
    !SEVERE.has(error.severity ?? '') &&
    !CONNECTION_LOST.test(error.code ?? '') &&
    error.code !== COMPLETION_UNKNOWN
  );
}

export function isRefusedInput(error: pg.DatabaseError): boolean {
  return REFUSED_INPUT.test(error.code ?? '');
}

/** A read that failed so may be repeated: the connection or the server failed, not the statement or the program. */
export function isPassing(error: unknown): boolean {
  if (isDefinite(error)) return PASSING.test(error.code ?? '');
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof NotDurableError);
}
