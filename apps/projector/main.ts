import { runProcess } from '#apps/engine/run-process.js';

// The read models alone. Of several each view has one that leads; the others stand by.
await runProcess({ name: 'projector', roles: ['projector'] });
