import {
  appendTable,
  type Change,
  type LoggedEvent,
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

/** Which flows each user has unlocked. */
export const unlockedFlows: Projection = {
  name: 'unlocked-flows',
  version: 1,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [unlockedFlowRows],
  project,
};

function project({ event, id, position }: LoggedEvent): readonly Change[] {
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
