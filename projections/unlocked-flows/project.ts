import {
  appendTable,
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

export interface UnlockedFlowRow {
  readonly position: bigint;
  readonly userId: string;
  readonly flowId: string;
  readonly creatorId: string;
  readonly price: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly unlockedAtMs: number;
  readonly eventId: string;
}

export const unlockedFlowRows = appendTable<UnlockedFlowRow>('unlocked_flows', [
  'position',
  'userId',
  'flowId',
  'creatorId',
  'price',
  'creatorShare',
  'platformShare',
  'unlockedAtMs',
  'eventId',
]);

export interface FlowRefundRow {
  readonly userId: string;
  readonly flowId: string;
  readonly refundedAtMs: number;
}

export const flowRefunds = mergeTable<FlowRefundRow>('unlocked_flows', ['userId', 'flowId', 'refundedAtMs'], {
  key: (row) => `${row.userId} ${row.flowId}`,
  combine: (_, later) => later,
  sql: sqlFile(import.meta.dirname, 'refund-flows.sql'),
});

/** Which flows each user has unlocked, and which of them were refunded. */
export const unlockedFlows: Projection = {
  name: 'unlocked-flows',
  version: 2,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [unlockedFlowRows, flowRefunds],
  project,
};

function project({ event, id, position }: LoggedEvent): readonly Change[] {
  if (event.type === 'FlowUnlockRefunded') {
    const { userId, flowId, at } = event;
    return [flowRefunds.change({ userId, flowId, refundedAtMs: at })];
  }
  if (event.type !== 'FlowUnlocked') return [];
  const { userId, flowId, creatorId, price, creatorShare, platformShare, at } = event;
  return [
    unlockedFlowRows.change({
      position,
      userId,
      flowId,
      creatorId,
      price,
      creatorShare,
      platformShare,
      unlockedAtMs: at,
      eventId: id,
    }),
  ];
}
