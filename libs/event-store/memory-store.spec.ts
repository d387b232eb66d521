import { eventStoreConformance } from './conformance.js';
import { MemoryEventStore, type LostReply } from './memory-store.js';

const open = (options?: ConstructorParameters<typeof MemoryEventStore>[0]) => async () => {
  const store = new MemoryEventStore(options);
  return {
    store,
    other: store,
    loseNextReply: async (when: LostReply) => store.loseNextReply(when),
    dropConnections: async () => undefined,
    close: () => store.close(),
  };
};

eventStoreConformance('memory', open());
eventStoreConformance('memory, positions without gaps', open({ positionStep: 1n }));
