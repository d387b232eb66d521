import type { BackgroundRole } from '#apps/engine/roles.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { HttpClient } from './http-client.js';

/**
 * A whole ledger: Postgres, the api on a free port, the roles. In this process as the engine puts it together, or in
 * processes of their own with an event store and Kafka.
 */
export interface OpenLedger {
  readonly http: HttpClient;
  /** The log, read by a connection of its own. */
  readonly store: EventStore;
  readonly databaseUrl: string;
  /** What the ledger has logged as unexpected. */
  readonly faults: readonly object[];
  close(): Promise<void>;
}

export interface OpenLedgerOptions {
  /** What follows the log. Default: read models and settlement. */
  readonly roles?: readonly BackgroundRole[];
  /** Variables of the configuration. */
  readonly env?: Readonly<Record<string, string>>;
}
