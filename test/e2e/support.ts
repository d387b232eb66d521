import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openApi } from '#apps/engine/open-api.js';
import { type BackgroundRole, runRoles } from '#apps/engine/roles.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { ledgerMode } from '#test/support/cluster/mode.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { openClusterLedger } from './cluster-ledger.js';
import { type Answer, type HttpClient, httpClient } from './http-client.js';
import type { OpenLedger, OpenLedgerOptions } from './open-ledger.js';

export type { OpenLedger, OpenLedgerOptions } from './open-ledger.js';

/** A broker's jars may have to be fetched first. */
const OPEN_PATIENCE_MS = ledgerMode() === 'cluster' ? 300_000 : 60_000;

const ROLES_DEFAULT: readonly BackgroundRole[] = ['projector', 'settlement'];

/** In this process, or as a whole cluster of processes when the run is in cluster mode. */
export function openLedger(options: OpenLedgerOptions = {}): Promise<OpenLedger> {
  const { roles = ROLES_DEFAULT, env = {} } = options;
  return ledgerMode() === 'cluster' ? openClusterLedger({ roles, env }) : openEmbeddedLedger({ roles, env });
}

async function openEmbeddedLedger({ roles, env }: Required<OpenLedgerOptions>): Promise<OpenLedger> {
  const database = await createTestDatabase();
  const databaseUrl = database.url;
  await migrateAll(databaseUrl);
  const faults: object[] = [];
  const write = (line: string): void => void faults.push(JSON.parse(line) as object);
  const log = createLogger({ level: 'warn', name: 'test', destination: { write } });
  const stops: (() => Promise<void>)[] = [];
  const config = loadConfig({ DATABASE_URL: databaseUrl, PORT: '0', ...env });
  const url = await openApi({ config, log, databaseUrl, stops });
  const store = await openPostgresEventStore({ url: databaseUrl });
  const ending = new AbortController();
  const running = runRoles(roles, {
    config,
    databaseUrl,
    store,
    log: createLogger({ level: 'fatal', name: 'test' }),
    signal: ending.signal,
  });
  return {
    http: httpClient(url),
    store,
    databaseUrl,
    faults,
    close: async () => {
      ending.abort();
      await running;
      await store.close();
      for (const stop of stops.reverse()) await stop();
      await database.drop();
    },
  };
}

/** A ledger for the tests of one file: opened before them and closed after, when it must have logged no fault. */
export function useLedger(options?: OpenLedgerOptions): Omit<OpenLedger, 'close'> {
  let opened: OpenLedger | undefined;
  const ledger = (): OpenLedger => {
    if (opened === undefined) throw new Error('The ledger is opened before the tests: use it in them.');
    return opened;
  };
  beforeAll(async () => {
    opened = await openLedger(options);
  }, OPEN_PATIENCE_MS);
  afterAll(async () => {
    await opened?.close();
    expect(opened?.faults).toEqual([]);
  }, OPEN_PATIENCE_MS);
  return {
    get http() {
      return ledger().http;
    },
    get store() {
      return ledger().store;
    },
    get databaseUrl() {
      return ledger().databaseUrl;
    },
    get faults() {
      return ledger().faults;
    },
  };
}

/** A command under a key of its own that must succeed. */
export async function done(
  http: HttpClient,
  path: string,
  body?: unknown,
  method: 'POST' | 'PATCH' | 'DELETE' = 'POST',
): Promise<Answer> {
  const answer = await http.send(method, path, { body, key: randomUUID() });
  if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer;
}

/** A command under a key of its own that must be refused so; the problem document. */
export async function refused(
  http: HttpClient,
  path: string,
  body: unknown,
  [status, code]: readonly [number, string],
  method: 'POST' | 'PATCH' | 'DELETE' = 'POST',
): Promise<Answer['json']> {
  const answer = await http.send(method, path, { body, key: randomUUID() });
  expect([method, path, answer.status, answer.json['code']]).toEqual([method, path, status, code]);
  return answer.json;
}
