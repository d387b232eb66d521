import type { Pool } from 'pg';
import type { ApiDeps } from '#apps/api/deps.js';

/** For an api whose tests have no business with rows: whoever asks for them is told so. */
export const NO_ROWS: Pick<ApiDeps, 'database' | 'webhookAllowedHosts' | 'payouts'> = {
  database: new Proxy({} as Pool, {
    get: (_pool, name) => () => Promise.reject(new Error(`This api has no database to ${String(name)}.`)),
  }),
  webhookAllowedHosts: [],
  payouts: { accepts: () => true, webhookSecrets: [] },
};
