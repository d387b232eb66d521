import type { CreditsAdded, LotDraw } from '#libs/ledger/wallet/events.js';
import {
  appendTable,
  type Change,
  type LoggedEvent,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

/** What a user sees as the kind of a transaction. */
export const TRANSACTION_TYPES = [
  'purchase',
  'promo',
  'adjustment',
  'monthly_grant',
  'opening',
  'expiry',
  'prompt_charge',
  'flow_unlock',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** Amounts in credits; fields that the type does not have are undefined. */
export interface TransactionRow {
  readonly position: bigint;
  readonly userId: string;
  readonly type: TransactionType;
  /** Signed: what the wallet's lots gained or lost. */
  readonly amount: bigint;
  /** What an unlimited plan covered on top. */
  readonly allowance: bigint;
  /** Available right after the event. */
  readonly balanceAfter: bigint;
  readonly occurredAtMs: number;
  readonly eventId: string;
  /** Run id, flow id, payment id or the caller's own reference. */
  readonly reference: string | undefined;
  readonly lotId: string | undefined;
  readonly lotKind: string | undefined;
  readonly model: string | undefined;
  readonly creatorId: string | undefined;
  readonly reason: string | undefined;
  readonly inference: bigint | undefined;
  readonly markup: bigint | undefined;
  readonly byokFee: bigint | undefined;
  readonly creatorFee: bigint | undefined;
}

export const transactionRows = appendTable<TransactionRow>('transactions', [
  'position',
  'userId',
  'type',
  'amount',
  'allowance',
  'balanceAfter',
  'occurredAtMs',
  'eventId',
  'reference',
  'lotId',
  'lotKind',
  'model',
  'creatorId',
  'reason',
  'inference',
  'markup',
  'byokFee',
  'creatorFee',
]);

/** What moved in each wallet, as a statement shows it. */
export const transactions: Projection = {
  name: 'transactions',
  version: 1,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [transactionRows],
  project,
};

function project(logged: LoggedEvent): readonly Change[] {
  const { event } = logged;
  switch (event.type) {
    case 'CreditsAdded':
      return [
        row(logged, event, ADDED_AS[event.origin], {
          amount: event.amount,
          reference: event.reference,
          lotId: event.lotId,
          lotKind: event.kind,
          reason: event.reason,
        }),
      ];
    case 'CreditsExpired':
      return [
        row(logged, event, 'expiry', { amount: -event.amount, lotId: event.lotId, lotKind: event.kind }),
      ];
    case 'PromptCharged':
      return [
        row(logged, event, 'prompt_charge', {
          amount: -sumOf(event.draws),
          allowance: event.allowance,
          reference: event.runId,
          model: event.model,
          creatorId: event.creatorId,
          inference: event.inference,
          markup: event.markup,
          byokFee: event.byokFee,
          creatorFee: event.creatorFee,
        }),
      ];
    case 'FlowUnlocked':
      return [
        row(logged, event, 'flow_unlock', {
          amount: -sumOf(event.draws),
          reference: event.flowId,
          creatorId: event.creatorId,
          creatorFee: event.price,
        }),
      ];
    case 'WalletOpened':
    case 'CreatorPaid':
    case 'PaymentRegistered':
      return [];
  }
}

const ADDED_AS: Readonly<Record<CreditsAdded['origin'], TransactionType>> = {
  purchased: 'purchase',
  promo: 'promo',
  monthly: 'monthly_grant',
  adjustment: 'adjustment',
  legacy: 'opening',
};

type Own = 'position' | 'userId' | 'type' | 'balanceAfter' | 'occurredAtMs' | 'eventId';

/** @throws when the event does not say which balance it left: every wallet event does. */
function row(
  { id, position, metadata }: LoggedEvent,
  { userId, at }: { readonly userId: string; readonly at: number },
  type: TransactionType,
  what: Partial<Omit<TransactionRow, Own>> & Pick<TransactionRow, 'amount'>,
): Change {
  if (metadata.balance === undefined) {
    throw new Error(`The wallet event at position ${position} carries no balance in its metadata.`);
  }
  return transactionRows.change({
    position,
    userId,
    type,
    amount: what.amount,
    allowance: what.allowance ?? 0n,
    balanceAfter: metadata.balance.available,
    occurredAtMs: at,
    eventId: id,
    reference: what.reference,
    lotId: what.lotId,
    lotKind: what.lotKind,
    model: what.model,
    creatorId: what.creatorId,
    reason: what.reason,
    inference: what.inference,
    markup: what.markup,
    byokFee: what.byokFee,
    creatorFee: what.creatorFee,
  });
}

const sumOf = (draws: readonly LotDraw[]): bigint => draws.reduce((sum, draw) => sum + draw.amount, 0n);
