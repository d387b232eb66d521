import { ROLES } from '#libs/platform/config-core.js';
import { runProcess } from './run-process.js';

// All roles in one process, or those that ROLES names.
await runProcess({ name: 'ledger', roles: ROLES });
