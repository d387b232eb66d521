import { type Credits, formatUsd } from '#libs/kernel/credits.js';
import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { grouped, table } from '../import-usage/summary-text.js';
import type { LegacyFile } from './legacy-file.js';
import type { LegacyWallet } from './legacy-row.js';

export interface PlanTotals {
  readonly plan: PlanName;
  readonly wallets: number;
  readonly purchased: Credits;
  readonly monthly: Credits;
  readonly other: Credits;
}

export function totalsByPlan(wallets: readonly LegacyWallet[]): readonly PlanTotals[] {
  return PLAN_NAMES.map((plan) => {
    const own = wallets.filter((wallet) => wallet.plan === plan);
    const sum = (part: 'purchased' | 'monthly' | 'other'): Credits =>
      own.reduce((total, wallet) => total + wallet[part], 0n);
    return {
      plan,
      wallets: own.length,
      purchased: sum('purchased'),
      monthly: sum('monthly'),
      other: sum('other'),
    };
  }).filter(({ wallets: count }) => count > 0);
}

/** Problems shown; `--json` gives them all. */
const PROBLEMS_SHOWN_MAX = 20;

/** The table of what the file says, and what is wrong with it. */
export function fileText(file: LegacyFile): string {
  const totals = totalsByPlan(file.wallets);
  const rows = [
    ['plan', 'wallets', 'purchased', 'monthly', 'other', 'in all', ''],
    ...[...totals, allPlans(totals)].map((row) => {
      const all = row.purchased + row.monthly + row.other;
      return [
        row.plan,
        ...[row.wallets, row.purchased, row.monthly, row.other, all].map(grouped),
        formatUsd(all),
      ];
    }),
  ];
  const rounded = file.wallets.reduce((sum, wallet) => sum + wallet.roundedUp, 0);
  return [
    'Credits by plan',
    ...table(rows),
    '',
    ...(rounded === 0 ? [] : [`Rounded up to the next whole credit: ${counted(rounded, 'balance')}.`]),
    ...(file.repeated === 0
      ? []
      : [`Repeats of an earlier row, counted once: ${counted(file.repeated, 'row')}.`]),
    `${counted(file.problems.length, 'problem')}${file.problems.length === 0 ? '.' : ':'}`,
    ...file.problems
      .slice(0, PROBLEMS_SHOWN_MAX)
      .map(({ line, userId, reason }) => `  line ${line}${userId === '' ? '' : `, ${userId}`}: ${reason}`),
    ...(file.problems.length > PROBLEMS_SHOWN_MAX
      ? [`  and ${file.problems.length - PROBLEMS_SHOWN_MAX} more: --json lists all`]
      : []),
  ].join('\n');
}

/** `1 row`, `2 rows`. */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

const allPlans = (totals: readonly PlanTotals[]) => ({
  plan: 'in all',
  wallets: totals.reduce((sum, { wallets }) => sum + wallets, 0),
  purchased: totals.reduce((sum, { purchased }) => sum + purchased, 0n),
  monthly: totals.reduce((sum, { monthly }) => sum + monthly, 0n),
  other: totals.reduce((sum, { other }) => sum + other, 0n),
});
