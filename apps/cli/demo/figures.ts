import { connectClient } from '#libs/platform/postgres.js';
import type { LedgerFigures } from './statement.js';

const TOP = 5;

const TOP_CREATORS = `
  select creator_id as "creatorId", accrued::text as earned, prompt_sources::text as runs
  from read.creator_earnings order by accrued desc, creator_id limit $1`;
const TOP_MODELS = `
  select model, runs::text as runs, total::text as total from read.model_totals order by total desc, model limit $1`;

/** Top creators and models of the ledger, from its read models. */
export async function readFigures(databaseUrl: string): Promise<LedgerFigures> {
  const client = await connectClient({ url: databaseUrl, applicationName: 'ledger-demo' });
  try {
    const creators = await client.query<{ creatorId: string; earned: string; runs: string }>(TOP_CREATORS, [
      TOP,
    ]);
    const models = await client.query<{ model: string; runs: string; total: string }>(TOP_MODELS, [TOP]);
    return {
      topCreators: creators.rows.map(({ creatorId, earned, runs }) => ({
        creatorId,
        earned: BigInt(earned),
        runs: Number(runs),
      })),
      topModels: models.rows.map(({ model, runs, total }) => ({
        model,
        runs: Number(runs),
        total: BigInt(total),
      })),
    };
  } finally {
    await client.end();
  }
}
