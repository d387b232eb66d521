import { runProcess } from '#apps/engine/run-process.js';

// The HTTP interface alone. Several may run on one database.
await runProcess({ name: 'api', roles: ['api'] });
