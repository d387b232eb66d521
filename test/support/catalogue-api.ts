import { randomBytes } from 'node:crypto';
import { createApi } from '#apps/api/create-api.js';
import type { ReadModels } from '#apps/api/read/read-models.js';
import { createCatalogueExecutor } from '#libs/application/catalogue/definition.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { createCatalogueHandlers } from '#libs/application/catalogue/handlers.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath } from '#libs/application/write-path.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { httpClient, type Json } from '#test/e2e/http-client.js';
import { NO_ROWS } from '#test/support/no-rows.js';

/** When a catalogue api begins. */
export const NOW = Date.UTC(2026, 10, 20, 16);
/** The earliest moment that something published then takes effect. */
export const LATER = '2026-11-20T16:01:00.000Z';
export const RUN = { model: 'gpt-4', inputTokens: 1_000, outputTokens: 0 };

export type CatalogueApi = Awaited<ReturnType<typeof openCatalogueApi>>;

/** One api over a log in memory, at a time of the test's choosing. */
export async function openCatalogueApi() {
  const store = new MemoryEventStore();
  await seedCatalogue(store);
  const clock = { t: NOW, now: () => clock.t };
  const ending = new AbortController();
  const catalogue = await followCatalogue({ store, clock, signal: ending.signal });
  const path = createWritePath({ store, clock, terms: () => catalogue.terms() });
  const publications = createCatalogueExecutor({ store, clock });
  const faults: object[] = [];
  const app = await createApi({
    store,
    reads: {} as ReadModels,
    ...NO_ROWS,
    commandHandlers: [...createCommandHandlers(path), ...createCatalogueHandlers(publications, catalogue)],
    catalogue,
    clock,
    creatorFeeMax: 100_000_000n,
    creatorTerms: STANDARD_CREATOR_TERMS,
    signingKey: randomBytes(32),
    logger: { error: (fields) => faults.push(fields), warn: (fields) => faults.push(fields) },
  });
  await app.listen(0, '127.0.0.1');
  const http = httpClient(await app.getUrl());
  return {
    http,
    clock,
    store,
    faults,
    catalogue,
    cost: async (body: object) => (await http.post('/api/credits/calculate-cost', { body })).json,
    /** Moves the clock; the process reads the log, as it does every second. */
    at: async (t: number) => {
      clock.t = t;
      await catalogue.refresh();
    },
    close: async () => {
      await app.close();
      await Promise.all([path.close(), publications.close()]);
      ending.abort();
      await catalogue.stopped;
    },
  };
}

/** A list in an answer, to look into; empty when there is none. */
export const listIn = (json: Json | undefined, name: string): readonly Json[] =>
  (json?.[name] as unknown as readonly Json[] | undefined) ?? [];

/** Names of the fields that a request was refused for. */
export const refusedFields = (json: Json): readonly string[] =>
  listIn(json, 'errors').map(({ field }) => String(field));

/** A next version of the standard card, with a private model. */
export const ownCard = (more: object = {}) => ({
  rateCard: 'standard',
  effectiveFrom: LATER,
  models: [
    { model: 'gpt-4', input: '20000000', output: 40_000_000 },
    { model: 'acme-7b', input: '1', output: '2', cacheRead: '0', customers: ['u-acme'] },
  ],
  aliases: [{ alias: 'acme', model: 'acme-7b' }],
  ...more,
});
