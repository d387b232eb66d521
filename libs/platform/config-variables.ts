import { CLUSTER_VARIABLES } from './config-cluster.js';
import { CORE_VARIABLES } from './config-core.js';
import { WORKER_VARIABLES } from './config-workers.js';

/** Every variable the program reads. The order is that of the reference. */
export const VARIABLES = { ...CORE_VARIABLES, ...CLUSTER_VARIABLES, ...WORKER_VARIABLES } as const;
