import { randomUUID } from 'node:crypto';
import { createCatalogueExecutor } from '#libs/application/catalogue/definition.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { createCatalogueHandlers } from '#libs/application/catalogue/handlers.js';
import { PublishRateCard } from '#libs/application/catalogue/commands.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { APPEND_EVENTS_MAX, type EventStore } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

const NOW = Date.UTC(2026, 10, 20, 16);
const LATER = NOW + 60_000;
const OTHER_EVENTS = 20_000;

let database: TestDatabase;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrateAll(database.url);
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await database.drop();
});

/** One api process as far as the catalogue goes: a store, a clock and a follower of its own. */
async function openProcess() {
  const store = await openPostgresEventStore({ url: database.url });
  stops.push(() => store.close());
  await seedCatalogue(store);
  const time = { t: NOW };
  const clock: Clock = { now: () => time.t };
  const ending = new AbortController();
  const catalogue = await followCatalogue({ store, clock, signal: ending.signal, pollMs: 50 });
  const executor = createCatalogueExecutor({ store, clock });
  stops.push(async () => {
    ending.abort();
    await Promise.all([catalogue.stopped, executor.close()]);
  });
  const [cards] = createCatalogueHandlers(executor, catalogue);
  return { store, time, catalogue, cards: cards! };
}

async function addOtherEvents(store: EventStore, count: number): Promise<void> {
  for (let written = 0; written < count; written += APPEND_EVENTS_MAX) {
    const events = Array.from({ length: APPEND_EVENTS_MAX }, () => ({
      id: randomUUID(),
      type: 'Other.v1',
      data: '{}',
      metadata: '{}',
    }));
    await store.append(`wallet-u-${written}`, events, { expected: 'no_stream' });
  }
}

const PUBLISH = new PublishRateCard(
  { principal: 'local', key: 'k1', bodyHash: 'h' },
  {
    type: 'PublishRateCard',
    cardId: 'standard',
    effectiveFrom: LATER,
    models: [{ model: 'gpt-5', input: 7n, output: 8n }],
    aliases: [],
  },
);

test('processes that start at once seed one log once', async () => {
  const processes = await Promise.all([openProcess(), openProcess(), openProcess()]);
  expect(await processes[0].store.head()).toBe(BigInt(seedEvents().length));
  for (const { catalogue } of processes) expect(catalogue.terms().pricingAt(NOW).rateCard.version).toBe(1);
});

test('a card published in one process takes effect at its time in both, on a log of many other events', async () => {
  const one = await openProcess();
  await addOtherEvents(one.store, OTHER_EVENTS);
  const other = await openProcess();
  expect(await one.cards.execute(PUBLISH)).toMatchObject({ kind: 'done', events: [{ version: 2 }] });
  const seen = (): boolean => other.catalogue.current().rateCard('standard', 2) !== undefined;
  for (let waits = 0; waits < 200 && !seen(); waits++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  for (const { time, catalogue } of [one, other]) {
    const version = () => catalogue.terms().pricingAt(time.t).rateCard.version;
    time.t = LATER - 1;
    await catalogue.refresh();
    expect(version()).toBe(1);
    time.t = LATER;
    expect(version()).toBe(2);
  }
});

test('a process whose store is closed prices for 30 s, then no more', async () => {
  const { store, time, catalogue } = await openProcess();
  await store.close();
  time.t = NOW + 30_000;
  expect(catalogue.terms().pricingAt(time.t).policy.id).toBe('three-part-v1');
  time.t = NOW + 30_001;
  expect(() => catalogue.terms()).toThrow('was not read for 30 s');
});
