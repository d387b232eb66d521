import type { ClientBase } from 'pg';
import type { Queryable } from '../preferences.js';
import { statement } from '../sql-file.js';

/** A message to a webhook, and its tries. Times in milliseconds since the epoch. */
export interface Delivery {
  readonly seq: bigint;
  readonly deliveryId: string;
  readonly type: string;
  readonly state: 'waiting' | 'delivered' | 'failed' | 'cancelled';
  readonly reason: string | undefined;
  readonly createdAt: number;
  /** Of the next try, while it waits. */
  readonly dueAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly attempts: readonly {
    readonly number: number;
    readonly at: number;
    readonly durationMs: number | null;
    /** Null while it runs, and for ever when it was cut off. */
    readonly outcome: string | null;
    readonly status: number | null;
  }[];
}

interface Columns {
  readonly delivery_id: string;
  readonly seq: string;
  readonly type: string;
  readonly state: Delivery['state'];
  readonly reason: string | null;
  readonly created_at_ms: string;
  readonly due_at_ms: string;
  readonly ended_at_ms: string | null;
  readonly attempts: Delivery['attempts'];
}

const LIST = statement('list-deliveries');

/** A page, the newest first. */
export async function listDeliveries(
  db: Queryable,
  {
    endpointId,
    limit,
    after,
  }: { readonly endpointId: string; readonly limit: number; readonly after?: bigint },
): Promise<readonly Delivery[]> {
  const { rows } = await db.query<Columns>({
    ...LIST,
    values: [endpointId, after?.toString() ?? null, limit],
  });
  return rows.map((row) => ({
    seq: BigInt(row.seq),
    deliveryId: row.delivery_id,
    type: row.type,
    state: row.state,
    reason: row.reason ?? undefined,
    createdAt: Number(row.created_at_ms),
    dueAt: row.state === 'waiting' ? Number(row.due_at_ms) : undefined,
    endedAt: row.ended_at_ms === null ? undefined : Number(row.ended_at_ms),
    attempts: row.attempts,
  }));
}

export type Redelivery = 'waiting' | 'not_found' | 'endpoint_disabled';

/** Makes a message due now, whatever became of it before. One that is being sent at this moment is left to it. */
export async function redeliver(
  tx: ClientBase,
  { userId, deliveryId }: { readonly userId: string; readonly deliveryId: string },
  now: number,
): Promise<Redelivery> {
  const { rows } = await tx.query<{ active: boolean }>({
    name: 'notifications-find-delivery',
    text: `select e.state = 'active' as active
      from notifications.deliveries d join notifications.endpoints e on e.endpoint_id = d.endpoint_id
      where d.delivery_id = $1 and e.user_id = $2
      for update of d`,
    values: [deliveryId, userId],
  });
  const [found] = rows;
  if (found === undefined) return 'not_found';
  if (!found.active) return 'endpoint_disabled';
  await tx.query({
    name: 'notifications-redeliver',
    text: `update notifications.deliveries
      set state = 'waiting', reason = null, ended_at_ms = null, due_at_ms = $2
      where delivery_id = $1 and lease is null`,
    values: [deliveryId, now],
  });
  return 'waiting';
}
