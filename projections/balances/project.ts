import { periodStart } from '#libs/kernel/period.js';
import type { CreditsAdded, CreditsHeld, PromptCharged, WalletOpened } from '#libs/ledger/wallet/events.js';
import type { Change, LoggedEvent, Projection } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import { byTime, drawn, lotOf, promptIs, restored, sumOf, used } from './changes.js';
import { refunded } from './refunds.js';
import { settingChanged } from './settings.js';
import { lotDraws, lotLosses, lotRestores, lots, refundLots, wallets } from './lot-tables.js';
import { holdEnds, holds, paidPeriods, prompts, walletSettings, walletUses } from './wallet-tables.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** What is in a wallet: its plan, its lots, its open holds and what was used in the period. */
export const balances: Projection = {
  name: 'balances',
  version: 5,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  // What is added is there before it is changed. Lots gain before they lose, so that none is below zero on the way; what
  // is written later may therefore have happened earlier, and times are kept as the greatest. The end of a hold comes
  // behind all uses of the batch, with which its test run is weighed.
  tables: [
    wallets,
    lots,
    holds,
    paidPeriods,
    refundLots,
    lotRestores,
    lotDraws,
    lotLosses,
    walletUses,
    walletSettings,
    holdEnds,
    prompts,
  ],
  project,
};

const NOTHING: readonly Change[] = [];

function project({ event, revision }: LoggedEvent): readonly Change[] {
  switch (event.type) {
    case 'WalletOpened':
      return opened(event);
    case 'CreditsAdded':
      return added(event, revision);
    case 'CreditsExpired':
      return [
        lotLosses.change({ ...lotOf(event, event), expired: event.amount, revoked: 0n, movedAtMs: 0 }),
        byTime(event),
      ];
    case 'CreditsRevoked':
      return [
        ...event.lots.map((lot) =>
          lotLosses.change({ ...lotOf(event, lot), expired: 0n, revoked: lot.amount, movedAtMs: event.at }),
        ),
        used(event, { uncollected: sumOf(event.lots, ({ spent }) => spent) }),
      ];
    case 'CreditsReinstated':
      return [
        ...event.lots.map((lot) => restored(event, lot, { reinstated: lot.amount })),
        used(event, { uncollected: -sumOf(event.lots, ({ spent }) => spent) }),
      ];
    case 'CreditsHeld':
      return held(event, revision);
    case 'HoldReleased':
      return [
        holdEnds.change({
          userId: event.userId,
          holdId: event.holdId,
          released: true,
          testPeriodMs: undefined,
        }),
        event.cause === 'timeout' ? byTime(event) : used(event),
      ];
    case 'PromptCharged':
      return charged(event);
    case 'FlowUnlocked':
      return drawn(event, event.draws);
    case 'PromptRefunded':
      return refunded(event, event.restored, revision, {
        uncollected: event.uncollected,
        allowance: event.allowance,
      });
    case 'FlowUnlockRefunded':
      return refunded(event, event.restored, revision, { uncollected: 0n, allowance: 0n });
    case 'PromptCreated':
    case 'PromptChanged':
      return [promptIs(event, event), used(event)];
    case 'PromptDeleted':
      return [
        promptIs(event, { promptId: event.promptId, visibility: 'deleted', sizeBytes: 0 }),
        used(event),
      ];
    case 'SubscriptionPaid':
    case 'PlanChanged':
    case 'PlanChangeScheduled':
    case 'PlanChangeCancelled':
    case 'ThresholdsSet':
    case 'WalletFrozen':
    case 'WalletUnfrozen':
    case 'WalletClosed':
      return settingChanged(event);
    default:
      // Events of creators, payments and the catalogue; a threshold crossed changes nothing of its wallet.
      return NOTHING;
  }
}

function opened({
  userId,
  plan,
  planTable,
  planTableVersion,
  coverage,
  at,
}: WalletOpened): readonly Change[] {
  const period = periodStart(at);
  return [
    wallets.change({
      userId,
      status: 'open',
      plan,
      planTable,
      planTableVersion,
      coverage,
      openedAtMs: at,
      grantedPeriodMs: period,
      allowancePeriodMs: period,
      testPeriodMs: period,
      lastAtMs: at,
      movedAtMs: at,
    }),
  ];
}

function added(event: CreditsAdded, revision: number): readonly Change[] {
  const { userId, lotId, kind, origin, amount, at, expiresAt, paymentId, costBasis } = event;
  const monthly = kind === 'monthly';
  const lot = lots.change({
    userId,
    lotId,
    kind,
    origin,
    original: amount,
    remaining: amount,
    addedAtMs: at,
    movedAtMs: monthly ? 0 : at,
    expiresAtMs: expiresAt,
    firstRevision: revision,
    paymentId,
    costCurrency: costBasis?.currency,
    costMinorUnits: costBasis?.minorUnits,
    costProviderFee: costBasis?.providerFeeMinorUnits,
  });
  return monthly ? [lot, byTime(event, { grantedPeriodMs: periodStart(at) })] : [lot];
}

function held(event: CreditsHeld, revision: number): readonly Change[] {
  const { type: _, at, parts, expiresAt, creatorId, ...hold } = event;
  const row = holds.change({
    ...hold,
    creatorId,
    heldAtMs: at,
    expiresAtMs: expiresAt,
    sequence: revision,
    parts: JSON.stringify(parts.map((part) => ({ ...part, amount: part.amount.toString() }))),
  });
  if (event.purpose !== 'test') return [row];
  return [row, used(event, { testPeriodMs: periodStart(at), testRuns: 1 })];
}

function charged(event: PromptCharged): readonly Change[] {
  const { userId, holdId, at, allowance, uncollected, purpose } = event;
  const period = periodStart(at);
  const test = purpose === 'test';
  const draws = drawn(event, event.draws);
  const ends =
    holdId === undefined
      ? draws
      : [
          ...draws,
          holdEnds.change({ userId, holdId, released: false, testPeriodMs: test ? period : undefined }),
        ];
  // A hold has counted the test run already.
  const counts = test && holdId === undefined;
  if (allowance === 0n && uncollected === 0n && !counts && draws.length > 0) return ends;
  return [
    ...ends,
    used(event, {
      ...(allowance === 0n ? {} : { allowancePeriodMs: period, allowanceUsed: allowance }),
      ...(counts ? { testPeriodMs: period, testRuns: 1 } : {}),
      uncollected,
    }),
  ];
}
