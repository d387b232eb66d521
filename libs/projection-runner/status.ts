import type { Position } from '#libs/event-store/port.js';

/**
 * `standby`: another process leads. `live`: follows the log. `rebuilding`: its code is newer than its rows.
 * `failing`: tries again by itself. `stopped`: cannot go on until somebody acts, the error says how; it looks again
 * now and then.
 */
export type ProjectionState = 'starting' | 'standby' | 'live' | 'rebuilding' | 'failing' | 'stopped';

/** How a projection of this process is doing, for health and metrics. */
export interface ProjectionStatus {
  readonly name: string;
  readonly state: ProjectionState;
  /** Undefined until it was read, and on standby. */
  readonly position: Position | undefined;
  /** How long ago the oldest event not yet written was recorded, at least roughly; 0 at the end of the log. */
  readonly behindMs: number;
  /** Attempts that failed one after another. */
  readonly failures: number;
  readonly lastError: Error | undefined;
}

/** What the runner tells the log of the process; pino's form. */
export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
