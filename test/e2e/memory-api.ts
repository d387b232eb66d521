import { randomBytes } from 'node:crypto';
import { createApi } from '#apps/api/create-api.js';
import type { ApiDeps } from '#apps/api/deps.js';
import type { ReadModels } from '#apps/api/read/read-models.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath } from '#libs/application/write-path.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { systemClock } from '#libs/kernel/clock.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { NO_ROWS } from '#test/support/no-rows.js';
import { type HttpClient, httpClient } from './http-client.js';

/** The HTTP interface over the real write path and a log in memory, without read models. */
export interface MemoryApi {
  readonly http: HttpClient;
  /** What the api logged as unexpected; a test that expects none checks that it is empty. */
  readonly faults: object[];
  close(): Promise<void>;
}

export async function openMemoryApi(overrides: Partial<ApiDeps> = {}): Promise<MemoryApi> {
  const store = new MemoryEventStore();
  await seedCatalogue(store);
  const ending = new AbortController();
  const catalogue = await followCatalogue({ store, clock: systemClock, signal: ending.signal });
  const path = createWritePath({ store, clock: systemClock, terms: () => catalogue.terms() });
  const faults: object[] = [];
  const app = await createApi({
    store,
    reads: NO_READ_MODELS,
    ...NO_ROWS,
    commandHandlers: createCommandHandlers(path),
    catalogue,
    clock: systemClock,
    creatorFeeMax: 100_000_000n,
    creatorTerms: STANDARD_CREATOR_TERMS,
    signingKey: randomBytes(32),
    logger: {
      error: (fields: object) => faults.push(fields),
      warn: (fields: object) => faults.push(fields),
    },
    ...overrides,
  });
  await app.listen(0, '127.0.0.1');
  return {
    http: httpClient(await app.getUrl()),
    faults,
    close: async () => {
      await app.close();
      await path.close();
      ending.abort();
      await catalogue.stopped;
      await store.close();
    },
  };
}

/** Whoever reads here asks for what this api does not have. */
const NO_READ_MODELS = new Proxy({} as ReadModels, {
  get: (_reads, name) => () => Promise.reject(new Error(`The memory api has no read model ${String(name)}.`)),
});
