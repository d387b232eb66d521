import { runProcess } from '#apps/engine/run-process.js';

// The worker that pays creators, alone.
await runProcess({ name: 'payout-worker', roles: ['payout-worker'] });
