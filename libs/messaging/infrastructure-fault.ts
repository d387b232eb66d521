/**
 * SQLSTATE classes and codes that say nothing about the message: connection (08), transaction rolled back by a deadlock
 * or a conflict (40), resources (53), shutdown and crash (57P), system (58), lock not given in time, a primary that
 * became a standby, a transaction ended for being idle.
 */
const STATES = /^(08...|40...|53...|57P..|58...|55P03|25006|25P03)$/;

/** Whether Postgres itself could not do its part. A fault without a SQLSTATE shows in the state of the connection. */
export function isInfrastructureFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && STATES.test(code);
}
