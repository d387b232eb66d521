import type { Pool } from 'pg';
import type { Follower } from '#apps/api/deps.js';
import { SETTLEMENT_LEADERSHIP } from '#apps/settlement/start.js';
import { SWEEPER_LEADERSHIP } from '#apps/settlement/start-sweeper.js';
import { SETTLEMENT_CHECKPOINT } from '#libs/application/settlement/creator-settlement.js';
import { PostgresCheckpoints } from '#libs/platform/checkpoints.js';
import { readLeaders } from '#libs/platform/leaders.js';
import { clearingAccountsOpen } from '#projections/journal/queries.js';

/** How settlement and sweeper are doing, wherever they run: asked of the Postgres that all processes share. */
export async function followersIn(pool: Pool): Promise<readonly Follower[]> {
  const [leaders, clearing, settled] = await Promise.all([
    readLeaders(pool, [SETTLEMENT_LEADERSHIP, SWEEPER_LEADERSHIP]),
    clearingAccountsOpen(pool),
    new PostgresCheckpoints(pool).load(SETTLEMENT_CHECKPOINT),
  ]);
  return [
    {
      role: 'settlement',
      led: leaders.has(SETTLEMENT_LEADERSHIP),
      work: { waiting: clearing.value.length, of: "creators' shares", place: settled ?? '' },
    },
    { role: 'sweeper', led: leaders.has(SWEEPER_LEADERSHIP) },
  ];
}
