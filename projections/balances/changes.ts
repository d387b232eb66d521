import type { LotDraw } from '#libs/ledger/wallet/events.js';
import type { Change } from '#libs/projection-runner/projection.js';
import { lotDraws, lotRestores, type LotRestoreRow } from './lot-tables.js';
import {
  prompts,
  type WalletSettingRow,
  walletSettings,
  type WalletUseRow,
  walletUses,
} from './wallet-tables.js';

/** What every event of a wallet says. */
export interface Fact {
  readonly userId: string;
  readonly at: number;
}

export const lotOf = (
  { userId }: Fact,
  { lotId }: Pick<LotDraw, 'lotId'>,
): { userId: string; lotId: string } => ({
  userId,
  lotId,
});

export const drawn = (event: Fact, draws: readonly LotDraw[]): readonly Change[] =>
  draws.map(({ lotId, amount }) =>
    lotDraws.change({ userId: event.userId, lotId, amount, movedAtMs: event.at }),
  );

export const restored = (event: Fact, lot: Pick<LotDraw, 'lotId'>, what: Partial<LotRestoreRow>): Change =>
  lotRestores.change({
    ...lotOf(event, lot),
    restored: 0n,
    reinstated: 0n,
    movedOut: 0n,
    refundedUnrestored: 0n,
    movedAtMs: event.at,
    ...what,
  });

export const used = ({ userId, at }: Fact, what: Partial<WalletUseRow> = {}): Change =>
  walletUses.change({
    userId,
    grantedPeriodMs: undefined,
    allowancePeriodMs: undefined,
    allowanceUsed: 0n,
    testPeriodMs: undefined,
    testRuns: 0,
    uncollected: 0n,
    lastAtMs: at,
    movedAtMs: at,
    ...what,
  });

/** Nobody asked for it: a wallet that only time has moved is not rolled again (domain rules, section 3). */
export const byTime = (event: Fact, what: Partial<WalletUseRow> = {}): Change =>
  used(event, { ...what, movedAtMs: 0 });

export const set = ({ userId }: Fact, what: Partial<WalletSettingRow>): Change =>
  walletSettings.change({
    userId,
    status: undefined,
    frozenFor: undefined,
    plan: undefined,
    planTable: undefined,
    planTableVersion: undefined,
    coverage: undefined,
    scheduledPlan: undefined,
    scheduledAtMs: undefined,
    thresholds: undefined,
    ...what,
  });

export const promptIs = (
  { userId }: Fact,
  prompt: { readonly promptId: string; readonly visibility: string; readonly sizeBytes: number },
): Change =>
  prompts.change({
    userId,
    promptId: prompt.promptId,
    visibility: prompt.visibility,
    sizeBytes: prompt.sizeBytes,
  });

export const sumOf = <T>(parts: readonly T[], amount: (part: T) => bigint): bigint =>
  parts.reduce((sum, part) => sum + amount(part), 0n);
