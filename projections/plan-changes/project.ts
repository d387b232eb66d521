import {
  appendTable,
  type Change,
  type LoggedEvent,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

/** A plan that a user has had since. */
export interface PlanChangeRow {
  readonly position: bigint;
  readonly userId: string;
  readonly plan: string;
  readonly occurredAtMs: number;
}

export const planChangeRows = appendTable<PlanChangeRow>('plan_changes', [
  'position',
  'userId',
  'plan',
  'occurredAtMs',
]);

/** Which plan each user had from when on: a charge does not say it. */
export const planChanges: Projection = {
  name: 'plan-changes',
  version: 1,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [planChangeRows],
  project,
};

function project({ event, position }: LoggedEvent): readonly Change[] {
  if (event.type !== 'WalletOpened' && event.type !== 'PlanChanged') return [];
  const plan = event.type === 'WalletOpened' ? event.plan : event.to;
  return [planChangeRows.change({ position, userId: event.userId, plan, occurredAtMs: event.at })];
}
