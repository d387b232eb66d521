import { periodEnd, periodName } from '#libs/kernel/period.js';
import { accept, refuse } from '../decision.js';
import type { Terms } from '../pricing/terms.js';
import { invalidField } from '../refusal.js';
import { monthlyLot } from './advance.js';
import type {
  CloseWalletCommand,
  FreezeWalletCommand,
  MigrateWalletCommand,
  OpenWalletCommand,
} from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { CreditsAdded, CreditsExpired, LotRevoked, WalletEvent, WalletOpened } from './events.js';
import { type Lot, partOf } from './lots.js';
import type { LiveWallet, Wallet } from './state.js';
import type { PlanCoverage } from './vocabulary.js';

/** Opens a wallet and grants the current period's credits; a paid plan needs somebody who may grant it. */
export function decideOpen(
  wallet: Wallet,
  command: OpenWalletCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  if (wallet.status !== 'none') return refuse({ code: 'wallet.already_open' });
  const { userId, plan, mayGrant } = command;
  // There can be no payment for the plan yet: payments are recorded in the wallet.
  if (plan !== 'FREE' && !mayGrant) return refuse({ code: 'plan.not_paid' });
  const coverage = plan === 'FREE' ? 'free' : 'granted';
  const plans = terms.plansAt(context.now);
  return accept<WalletEvent>(
    opened(command, coverage, context, terms),
    ...monthlyLot({ userId, plan }, context.now, plans),
  );
}

function opened(
  { userId, plan }: Pick<OpenWalletCommand, 'userId' | 'plan'>,
  coverage: PlanCoverage,
  { now }: WalletContext,
  terms: Terms,
): WalletOpened {
  const { id, version } = terms.plansAt(now);
  return { type: 'WalletOpened', userId, at: now, plan, planTable: id, planTableVersion: version, coverage };
}

/** Opens a wallet with what the old system says was in it; its monthly credits stand for this period's grant. */
export function decideMigrate(
  wallet: Wallet,
  command: MigrateWalletCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  if (wallet.status !== 'none') return refuse({ code: 'wallet.already_open' });
  const { plan, monthly, purchased, other } = command;
  const legacy = (
    lot: Pick<CreditsAdded, 'lotId' | 'kind' | 'amount' | 'expiresAt'>,
  ): readonly CreditsAdded[] =>
    lot.amount === 0n
      ? []
      : [
          {
            type: 'CreditsAdded',
            userId: command.userId,
            at: context.now,
            origin: 'legacy',
            reason: 'migration',
            ...lot,
          },
        ];
  const month = periodName(context.now);
  return accept<WalletEvent>(
    opened(command, plan === 'FREE' ? 'free' : 'granted', context, terms),
    ...legacy({
      lotId: `monthly-${month}`,
      kind: 'monthly',
      amount: monthly,
      expiresAt: periodEnd(context.now),
    }),
    ...legacy({ lotId: 'legacy-purchased', kind: 'purchased', amount: purchased }),
    ...legacy({ lotId: 'legacy-other', kind: 'promo', amount: other }),
  );
}

export function decideFreeze(
  wallet: LiveWallet,
  { reason, reference }: FreezeWalletCommand,
  { now }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (wallet.status === 'frozen') return refuse({ code: 'wallet.frozen' });
  return accept<WalletEvent>({
    type: 'WalletFrozen',
    userId: wallet.userId,
    at: now,
    reason,
    ...(reference === undefined ? {} : { reference }),
  });
}

export function decideUnfreeze(wallet: LiveWallet, { now }: WalletContext): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (wallet.status === 'open') return refuse(invalidField('userId', 'names a wallet that is not frozen'));
  return accept<WalletEvent>({ type: 'WalletUnfrozen', userId: wallet.userId, at: now });
}

/**
 * Free lots expire; what was bought is paid back or expires, as finance decides (domain rules, section 4). A dispute won
 * may put credits into a closed wallet: it is closed once more for these.
 */
export function decideClose(
  wallet: LiveWallet,
  { remainder }: CloseWalletCommand,
  { now }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed' && wallet.lots.active.length === 0) return refuse({ code: 'wallet.closed' });
  if (wallet.holds.size > 0) return refuse({ code: 'wallet.open_holds' });
  const { userId } = wallet;
  const paidBack = (lot: Lot): boolean => remainder === 'pay_back' && wasBought(lot);
  const expired = wallet.lots.active
    .filter((lot) => !paidBack(lot))
    .map((lot): CreditsExpired => ({
      type: 'CreditsExpired',
      userId,
      at: now,
      ...partOf(lot, lot.remaining),
    }));
  const returned = wallet.lots.active
    .filter(paidBack)
    .map((lot): LotRevoked => ({ ...partOf(lot, lot.remaining), spent: 0n, expired: 0n }));
  return accept<WalletEvent>(
    ...expired,
    ...inChunks(returned).map(
      (lots) => ({ type: 'CreditsRevoked', userId, at: now, reason: 'closing', lots }) as const,
    ),
    { type: 'WalletClosed', userId, at: now },
  );
}

/** Bought here, or bought in the old system. */
const wasBought = ({ kind, origin }: Lot): boolean => kind === 'purchased' || origin === 'purchased';

/** Lots of one event: of the longest, they stay far below the bytes an append may hold. */
const LOTS_PER_EVENT_MAX = 1_000;

function inChunks(lots: readonly LotRevoked[]): readonly (readonly LotRevoked[])[] {
  const chunks: (readonly LotRevoked[])[] = [];
  for (let from = 0; from < lots.length; from += LOTS_PER_EVENT_MAX) {
    chunks.push(lots.slice(from, from + LOTS_PER_EVENT_MAX));
  }
  return chunks;
}
