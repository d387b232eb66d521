import { runProcess } from '#apps/engine/run-process.js';

// The worker that tells users and creators, alone.
await runProcess({ name: 'notification-worker', roles: ['notification-worker'] });
