import type { Metrics } from './metrics.js';

/** `standby`: another process leads. `failing`: tries again by itself. `stopped`: cannot go on until somebody acts. */
export type RoleState = 'starting' | 'standby' | 'working' | 'failing' | 'stopped';

/** How a role of this process is doing, for `/health/ready`. */
export interface RoleHealth {
  readonly state: RoleState;
  /** What keeps the process from being ready, in words that name the way out. */
  readonly problems?: readonly string[];
  /** Worth an operator's look though the role works. */
  readonly notes?: readonly string[];
  /** Figures for a person, for example `{ position, lagMs }`; no ids of users. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a role tells of itself. */
export interface RoleMonitor {
  readonly metrics: Metrics;
  /** Given the way to ask how the role is doing; the newest one counts. Asked every few seconds: answer from memory. */
  readonly onHealth: (ask: () => RoleHealth | Promise<RoleHealth>) => void;
}

/** For who runs a role without watching it. */
export function unwatched(metrics: Metrics): RoleMonitor {
  return { metrics, onHealth: () => undefined };
}
