import { migrateAll } from '#apps/engine/migrate-all.js';
import type { Role } from '#libs/platform/config.js';
import { openClusterParts } from '#test/support/cluster/parts.js';
import { startRole, startRolesApart } from '#test/support/cluster/programs.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { killLedgerProcesses } from '#test/support/ledger-process.js';
import { httpClient } from './http-client.js';
import type { OpenLedger, OpenLedgerOptions } from './open-ledger.js';

/** What a cluster runs beside the roles that a suite asks for: they follow the log too, and must disturb nothing. */
const ALWAYS: readonly Role[] = ['relay', 'payout-worker', 'notification-worker'];
const UNEXPECTED = new Set(['warn', 'error', 'fatal']);

/** The same ledger as `openLedger` gives, of processes: the api and each role its own, EventStoreDB protocol, Kafka. */
export async function openClusterLedger({ roles, env }: Required<OpenLedgerOptions>): Promise<OpenLedger> {
  const database = await createTestDatabase();
  await migrateAll(database.url, { logElsewhere: true });
  const parts = await openClusterParts();
  const all = { DATABASE_URL: database.url, ...parts.env, ...env };
  const faults: object[] = [];
  const onLine = (line: string): void => {
    const said = parsed(line);
    if (said && UNEXPECTED.has(said.level ?? '')) faults.push(said);
  };
  const background = roles.length === 0 ? [] : [...new Set<Role>([...roles, ...ALWAYS])];
  const [api] = await Promise.all([startRole('api', all, { onLine }), startRolesApart(background, all)]);
  const store = await parts.openStore();
  return {
    http: httpClient(api.url),
    store,
    databaseUrl: database.url,
    faults,
    close: async () => {
      await store.close();
      await api.stop();
      await killLedgerProcesses();
      await parts.close();
      await database.drop();
    },
  };
}

function parsed(line: string): { readonly level?: string } | undefined {
  try {
    return JSON.parse(line) as { readonly level?: string };
  } catch {
    return undefined;
  }
}
