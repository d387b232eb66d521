import type { EventStore } from '#libs/event-store/port.js';
import { prepareReadModels } from '#libs/projection-runner/prepare.js';
import { ALL_PROJECTIONS } from '#projections/all.js';

/** Makes every view of the ledger readable; to be called after the log's migrations and before the api listens. */
export function prepareLedgerReadModels(options: {
  readonly databaseUrl: string;
  readonly store: Pick<EventStore, 'logId'>;
}): Promise<void> {
  return prepareReadModels({ url: options.databaseUrl, store: options.store, projections: ALL_PROJECTIONS });
}
