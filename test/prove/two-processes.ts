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

const START_PATIENCE_MS = 180_000;

/** Two processes for the tests of one file: started before them, and gone after them however they ended. */
export function useTwoProcesses(): Omit<TwoProcesses, 'close'> {
  let starting: Promise<TwoProcesses> | undefined;
  let started: TwoProcesses | undefined;
  const processes = (): TwoProcesses => {
    if (started === undefined)
      throw new Error('The processes are started before the tests: use them in these.');
    return started;
  };
  beforeAll(async () => {
    starting = startTwoProcesses();
    started = await starting;
  }, START_PATIENCE_MS);
  afterAll(async () => {
    // Also when nobody waited for them to the end.
    await (await starting)?.close();
  }, START_PATIENCE_MS);
  return {
    get databaseUrl() {
      return processes().databaseUrl;
    },
    get store() {
      return processes().store;
    },
    caller: (turn) => processes().caller(turn),
    restart: (turn) => processes().restart(turn),
  };
}

async function startTwoProcesses(): Promise<TwoProcesses> {
  const database = await createTestDatabase();
  const stops: (() => Promise<void>)[] = [() => database.drop(), killLedgerProcesses];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.reverse()) await stop();
  };
  try {
    await migrateAll(database.url);
    const store = await openPostgresEventStore({ url: database.url });
    stops.push(() => store.close());
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
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
