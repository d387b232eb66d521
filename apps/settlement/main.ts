import { runProcess } from '#apps/engine/run-process.js';

// What follows money through time: creators are settled, and what lapses is recorded.
await runProcess({ name: 'settlement', roles: ['settlement', 'sweeper'] });
