import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { eventStoreConformance } from '#libs/event-store/conformance.js';
import { createLogDatabase, cutConnections } from '#test/conformance/log-database.js';
import { openPostgresProxy } from '#test/conformance/postgres-proxy.js';

/** Far above the wake-up the suite asks for: a subscription that only polls fails it. */
const POLL_MS = 5_000;

eventStoreConformance('Postgres', async () => {
  const database = await createLogDatabase();
  const proxy = await openPostgresProxy(database.url);
  const store = await openPostgresEventStore({ url: proxy.url, pollMs: POLL_MS });
  const other = await openPostgresEventStore({ url: database.url, pollMs: POLL_MS });
  return {
    store,
    other,
    loseNextReply: async (when) => proxy.loseNextReply(when),
    dropConnections: () => cutConnections(database.url),
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await proxy.close();
      await database.drop();
    },
  };
});
