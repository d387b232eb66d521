import { eventStoreConformance } from '#libs/event-store/conformance.js';
import type { OpenedStore } from '#libs/event-store/conformance/harness.js';
import { openEventStoreDb } from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import {
  EVENTSTOREDB_TITLE,
  freshNamespace,
  startEventStoreDb,
  type EventStoreDbServer,
} from '#test/support/components/eventstoredb.js';
import { openEventStoreDbProxy } from '#test/support/eventstoredb-proxy.js';

/** Far above the wake-up the suite asks for: a subscription that only polls fails it. */
const POLL_MS = 5_000;

async function openOn(
  url: string,
  namespace: string | undefined,
  after: () => Promise<void>,
): Promise<OpenedStore> {
  const proxy = await openEventStoreDbProxy(url);
  const options = { pollMs: POLL_MS, ...(namespace === undefined ? {} : { namespace }) };
  const store = await openEventStoreDb({ url: proxy.url, ...options });
  const other = await openEventStoreDb({ url: proxy.url, ...options });
  return {
    store,
    other,
    loseNextReply: async (when) => proxy.loseNextReply(when),
    dropConnections: async () => proxy.dropConnections(),
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await proxy.close();
      await after();
    },
  };
}

// As in production: the streams are called as the port calls them. A server given by address cannot be emptied.
if (process.env['EVENTSTORE_URL'] === undefined) {
  eventStoreConformance(EVENTSTOREDB_TITLE, async () => {
    const server = await startEventStoreDb();
    return openOn(server.url, undefined, () => server.stop());
  });
}

describe('beside other logs on one server', () => {
  let server: EventStoreDbServer;
  beforeAll(async () => void (server = await startEventStoreDb()));
  afterAll(() => server.stop());

  eventStoreConformance(EVENTSTOREDB_TITLE, () =>
    openOn(server.url, freshNamespace(), async () => undefined),
  );
});
