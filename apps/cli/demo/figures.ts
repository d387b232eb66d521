import { readCheckpoints } from '#libs/projection-runner/checkpoints.js';
import { createPool } from '#libs/platform/postgres.js';
import { topCreators } from '#projections/creator-earnings/queries.js';
import { topModels } from '#projections/prompt-runs/queries.js';
import type { LedgerFigures } from './statement.js';

const TOP = 5;

/** Top creators and models of the ledger, from its read models. */
export async function readFigures(databaseUrl: string): Promise<LedgerFigures> {
  const pool = createPool({ url: databaseUrl, applicationName: 'ledger-demo', max: 1 });
  try {
    const creators = await topCreators(pool, TOP);
    const models = await topModels(pool, TOP);
    const checkpoints = await readCheckpoints(pool);
    return {
      logEvents: Math.max(...checkpoints.map(({ events }) => events)),
      topCreators: creators.value.map(({ creatorId, earned, promptSources }) => ({
        creatorId,
        earned,
        runs: promptSources,
      })),
      topModels: models.value.map(({ model, runs, total }) => ({ model, runs, total })),
    };
  } finally {
    await pool.end();
  }
}
