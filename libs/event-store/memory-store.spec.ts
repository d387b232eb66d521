import { eventStoreConformance } from './conformance.js';
import { MemoryEventStore } from './memory-store.js';

eventStoreConformance('memory', async () => {
  const store = new MemoryEventStore();
  return {
    store,
    other: store,
    loseNextReply: async (when) => store.loseNextReply(when),
    dropConnections: async () => undefined,
    close: () => store.close(),
  };
});
