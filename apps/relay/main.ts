import { runProcess } from '#apps/engine/run-process.js';

// The relay to Kafka alone. Of several one leads; the others stand by.
await runProcess({ name: 'relay', roles: ['relay'] });
