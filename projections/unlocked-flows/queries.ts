import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const LIST_UNLOCKED_FLOWS = {
  name: 'list-unlocked-flows',
  text: sqlFile(import.meta.dirname, 'list-unlocked-flows.sql'),
  key: 'flow_id',
};

/** A flow that the user has unlocked; amounts in credits. */
export interface UnlockedFlow {
  readonly flowId: string;
  readonly creatorId: string;
  readonly price: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  /** Milliseconds since the epoch. */
  readonly unlockedAt: number;
  readonly eventId: string;
  readonly position: bigint;
}

interface UnlockedFlowColumns {
  readonly flow_position: string;
  readonly flow_id: string;
  readonly creator_id: string;
  readonly price: string;
  readonly creator_share: string;
  readonly platform_share: string;
  readonly unlocked_at_ms: string;
  readonly event_id: string;
}

/** Every flow that a user has unlocked, newest first; what was refunded is locked again. */
export async function listUnlockedFlows(
  db: Queryable,
  userId: string,
): Promise<AsOf<readonly UnlockedFlow[]>> {
  const found = await queryAsOf<UnlockedFlowColumns>(db, LIST_UNLOCKED_FLOWS, [userId]);
  return withValue(
    found,
    found.value.map((row) => ({
      flowId: row.flow_id,
      creatorId: row.creator_id,
      price: BigInt(row.price),
      creatorShare: BigInt(row.creator_share),
      platformShare: BigInt(row.platform_share),
      unlockedAt: Number(row.unlocked_at_ms),
      eventId: row.event_id,
      position: BigInt(row.flow_position),
    })),
  );
}
