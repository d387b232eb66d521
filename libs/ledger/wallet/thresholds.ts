import { accept, refuse } from '../decision.js';
import type { SetThresholdsCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { BalanceThresholdCrossed, WalletEvent } from './events.js';
import { sumFree } from './lots.js';
import type { LiveWallet } from './state.js';

export function decideThresholds(
  wallet: LiveWallet,
  command: SetThresholdsCommand,
  { now }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  const thresholds = [...new Set(command.thresholds)].sort((a, b) => (a < b ? 1 : -1));
  return accept<WalletEvent>({ type: 'ThresholdsSet', userId: wallet.userId, at: now, thresholds });
}

/** Thresholds that available has fallen below between two states: one notice a crossing, the largest first. */
export function thresholdsCrossed(
  before: LiveWallet,
  after: LiveWallet,
  t: number,
): readonly BalanceThresholdCrossed[] {
  if (before.thresholds.length === 0) return [];
  const was = sumFree(before.lots);
  const available = sumFree(after.lots);
  return before.thresholds
    .filter((threshold) => was >= threshold && available < threshold)
    .map((threshold) => ({
      type: 'BalanceThresholdCrossed',
      userId: before.userId,
      at: t,
      threshold,
      available,
    }));
}
