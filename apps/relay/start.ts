import { once } from 'node:events';
import type { EventStore } from '#libs/event-store/port.js';
import type { Config } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';

export interface RelayOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Runs until the signal fires. */
export async function startRelay({ signal }: RelayOptions): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
