import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';
import { Caller } from './http.js';

/** Two processes of the built program with an api each, over one Postgres; the first one also follows the log. */
export interface TwoProcesses {
  readonly databaseUrl: string;
  /** The log, read by a connection of its own. */
  readonly store: EventStore;
  /** By turns. */
  caller(turn: number): Caller;
  /** Kills a process and starts another in its place. */
  restart(turn: number): Promise<void>;
  close(): Promise<void>;
}

const ROLES = ['api,projector,settlement', 'api'] as const;
/** Several api processes sign alike. */
const SIGNING_KEY = 'cHJvdmUtcHJvdmUtcHJvdmUtcHJvdmUtcHJvdmUtMzI=';

interface Started {
  readonly process: LedgerProcess;
  readonly caller: Caller;
}

export async function startTwoProcesses(): Promise<TwoProcesses> {
  const database = await createTestDatabase();
  await migrateAll(database.url);
  const store = await openPostgresEventStore({ url: database.url });
  const start = async (turn: number): Promise<Started> => {
    const env = { DATABASE_URL: database.url, ROLES: ROLES[turn]!, SIGNING_KEY };
    const process = await startLedgerProcess(env);
    return { process, caller: new Caller(process.url) };
  };
  const both = await Promise.all(ROLES.map((_, turn) => start(turn)));
  return {
    databaseUrl: database.url,
    store,
    caller: (turn) => both[turn % both.length]!.caller,
    restart: async (turn) => {
      const index = turn % both.length;
      both[index]!.caller.close();
      await both[index]!.process.kill();
      both[index] = await start(index);
    },
    close: async () => {
      for (const { caller } of both) caller.close();
      await killLedgerProcesses();
      await store.close();
      await database.drop();
    },
  };
}
