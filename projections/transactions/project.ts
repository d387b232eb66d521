import type {
  CreditsReinstated,
  CreditsRevoked,
  FlowUnlockRefunded,
  LotRevoked,
  PromptCharged,
  PromptRefunded,
} from '#libs/ledger/wallet/events.js';
import type { Change, LoggedEvent, Projection } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import { ADDED_AS, rowOf, transactionRows } from './rows.js';

export type { TransactionRow } from './rows.js';

/**
 * What moved in each wallet, as a statement shows it. Holds and their release move nothing and are not in it: a hold is
 * no charge. A subscription is, with amount 0: it was paid in money, not from the wallet.
 */
export const transactions: Projection = {
  name: 'transactions',
  version: 4,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [transactionRows],
  project: (logged) => {
    const change = project(logged);
    return change === undefined ? [] : [change];
  },
};

function project(logged: LoggedEvent): Change | undefined {
  const { event } = logged;
  switch (event.type) {
    case 'CreditsAdded':
      return rowOf(logged, event, ADDED_AS[event.origin], {
        amount: event.amount,
        reference: event.reference,
        lotId: event.lotId,
        lotKind: event.kind,
        reason: event.reason,
      });
    case 'CreditsExpired':
      return rowOf(logged, event, 'expiry', {
        amount: -event.amount,
        lotId: event.lotId,
        lotKind: event.kind,
      });
    case 'CreditsRevoked':
      return revocation(logged, event);
    case 'CreditsReinstated':
      return reinstatement(logged, event);
    case 'PromptCharged':
      return charge(logged, event);
    case 'PromptRefunded':
      return promptRefund(logged, event);
    case 'FlowUnlocked':
      return rowOf(logged, event, 'flow_unlock', {
        amount: -sumOf(event.draws),
        reference: event.flowId,
        creatorId: event.creatorId,
        creatorFee: event.price,
      });
    case 'FlowUnlockRefunded':
      return rowOf(logged, event, 'flow_refund', {
        ...restoredTo(event),
        reference: event.flowId,
        refundId: event.refundId,
        creatorId: event.creatorId,
        reason: event.reason,
        creatorFee: event.amount,
      });
    case 'SubscriptionPaid':
      return rowOf(logged, event, 'subscription', {
        amount: 0n,
        reference: event.paymentId,
        plan: event.plan,
        paid: event.amount,
      });
    default:
      // Nothing else moves credits of a wallet.
      return undefined;
  }
}

const charge = (logged: LoggedEvent, event: PromptCharged): Change =>
  rowOf(logged, event, 'prompt_charge', {
    amount: -sumOf(event.draws),
    allowance: event.allowance,
    uncollected: event.uncollected,
    reference: event.runId,
    holdId: event.holdId,
    model: event.model,
    creatorId: event.creatorId,
    inference: event.inference,
    markup: event.markup,
    byokFee: event.byokFee,
    creatorFee: event.creatorFee,
  });

function promptRefund(logged: LoggedEvent, event: PromptRefunded): Change {
  const { inference, markup, byokFee, platformShare, creatorShare } = event.parts;
  const { amount, uncollected } = restoredTo(event);
  return rowOf(logged, event, 'prompt_refund', {
    amount,
    allowance: event.allowance,
    uncollected: uncollected - event.uncollected,
    reference: event.runId,
    refundId: event.refundId,
    creatorId: event.creatorId,
    reason: event.reason,
    inference,
    markup,
    byokFee,
    creatorFee: platformShare + creatorShare,
  });
}

/** What of a refund came back to lots, and what lowered the uncollected instead because the lot was revoked. */
function restoredTo({ restored }: PromptRefunded | FlowUnlockRefunded): {
  readonly amount: bigint;
  readonly uncollected: bigint;
} {
  const revoked = sumOf(restored.filter(({ into }) => into === 'revoked'));
  return { amount: sumOf(restored) - revoked, uncollected: -revoked };
}

const revocation = (logged: LoggedEvent, event: CreditsRevoked): Change =>
  rowOf(logged, event, 'revocation', {
    amount: -sumOf(event.lots),
    uncollected: spentOf(event.lots),
    reference: event.paymentId,
    reason: event.reason,
    ...onlyLot(event.lots),
  });

const reinstatement = (logged: LoggedEvent, event: CreditsReinstated): Change =>
  rowOf(logged, event, 'reinstatement', {
    amount: sumOf(event.lots),
    uncollected: -spentOf(event.lots),
    reference: event.paymentId,
    ...onlyLot(event.lots),
  });

const onlyLot = ([lot, ...more]: readonly LotRevoked[]): { lotId?: string; lotKind?: string } =>
  lot === undefined || more.length > 0 ? {} : { lotId: lot.lotId, lotKind: lot.kind };

const spentOf = (lots: readonly LotRevoked[]): bigint => lots.reduce((sum, { spent }) => sum + spent, 0n);

const sumOf = (parts: readonly { readonly amount: bigint }[]): bigint =>
  parts.reduce((sum, { amount }) => sum + amount, 0n);
