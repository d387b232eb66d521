import type { EventStore } from '#libs/event-store/port.js';
import { connectClient } from '#libs/platform/postgres.js';
import { ensureCopies } from './copies.js';
import { migrateProjections } from './migrate.js';
import type { Projection } from './projection.js';
import { connectWriter } from './session.js';

export interface PrepareOptions {
  /** Postgres of the read models; its login owns the database. */
  readonly url: string;
  readonly store: Pick<EventStore, 'logId'>;
  readonly projections: readonly Projection[];
}

/**
 * Makes schemas, roles, and an empty copy of each projection that has none, so that every view can be read from the
 * first start on. Quick when there is nothing to do; several processes may call it at once.
 * @throws MigrationError
 */
export async function prepareReadModels({ url, store, projections }: PrepareOptions): Promise<void> {
  const owner = await connectClient({ url, applicationName: 'ledger-migrate', statementTimeoutMs: 0 });
  try {
    await migrateProjections(owner);
  } finally {
    await owner.end();
  }
  const writer = await connectWriter(url, 'ledger-projections-prepare');
  try {
    await ensureCopies(writer, projections, store.logId);
  } finally {
    await writer.end();
  }
}
