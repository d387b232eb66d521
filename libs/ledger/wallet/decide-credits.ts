import { accept, refuse } from '../decision.js';
import { invalidField } from '../refusal.js';
import { apply, lapsedParts, releaseOf } from './advance.js';
import type {
  AddCreditsCommand,
  CorrectAdjustments,
  ReinstateCreditsCommand,
  RevokeCreditsCommand,
  RevokePayment,
} from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { CreditsAdded, CreditsReinstated, LotRevoked, WalletEvent } from './events.js';
import { paymentUsed } from './ids.js';
import { drawFree, type Lot, lotsOfPayment, partOf, spentOf, sumFree, sumOfParts } from './lots.js';
import type { LiveWallet } from './state.js';

export function decideAdd(
  wallet: LiveWallet,
  command: AddCreditsCommand,
  { now, commandId, past }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (command.expiresAt !== undefined && command.expiresAt <= now) {
    return refuse(invalidField('expiresAt', 'must lie in the future'));
  }
  const lot = {
    type: 'CreditsAdded',
    userId: wallet.userId,
    at: now,
    lotId: `lot-${commandId.slice(0, 16)}`,
    amount: command.amount,
    ...(command.expiresAt === undefined ? {} : { expiresAt: command.expiresAt }),
  } as const;
  if (command.kind === 'purchased') {
    const { paymentId, costBasis } = command;
    if (past.revisionOf(paymentUsed(paymentId)) !== undefined) {
      return refuse({ code: 'payment.already_credited' });
    }
    return accept<CreditsAdded>({
      ...lot,
      kind: 'purchased',
      origin: 'purchased',
      reference: paymentId,
      paymentId,
      ...(costBasis === undefined ? {} : { costBasis }),
    });
  }
  return accept<CreditsAdded>({
    ...lot,
    // An adjustment is a promo lot that keeps its origin (domain rules, section 5).
    kind: 'promo',
    origin: command.kind,
    reason: command.reason,
    ...(command.reference === undefined ? {} : { reference: command.reference }),
  });
}

export function decideRevoke(
  wallet: LiveWallet,
  command: RevokeCreditsCommand,
  context: WalletContext,
): WalletDecision {
  return command.reason === 'correction'
    ? correctAdjustments(wallet, command, context)
    : revokePayment(wallet, command, context);
}

/**
 * Takes back every lot that came from the payment. Holds that have reserved a part of them give way, the youngest
 * first; what was spent is uncollected from now on (domain rules, section 4).
 */
function revokePayment(
  wallet: LiveWallet,
  { paymentId, reason }: RevokePayment,
  { now }: WalletContext,
): WalletDecision {
  const lots = lotsOfPayment(wallet.lots, paymentId);
  if (lots.length === 0) return refuse(invalidField('reference', 'names no purchase of this wallet'));
  if (lots.some(({ revoked }) => revoked !== undefined)) {
    return refuse(invalidField('reference', 'names a purchase that is revoked already'));
  }
  const own = new Set(lots.map(({ id }) => id));
  const released = wallet.holds
    .values()
    .filter(({ parts }) => parts.some(({ lotId }) => own.has(lotId)))
    .sort((a, b) => b.sequence - a.sequence)
    .map((hold) => releaseOf(hold, 'revocation', now));
  let freed = apply({ wallet, events: [] }, released);
  freed = apply(freed, lapsedParts(freed.wallet, now));
  return accept<WalletEvent>(...freed.events, {
    type: 'CreditsRevoked',
    userId: wallet.userId,
    at: now,
    reason,
    paymentId,
    lots: lotsOfPayment(freed.wallet.lots, paymentId).map(wholeLot),
  });
}

const wholeLot = (lot: Lot): LotRevoked => ({
  ...partOf(lot, lot.remaining),
  // What the closing of the wallet has paid back is gone as well.
  spent: spentOf(lot) + lot.takenBack,
  expired: lot.expired,
});

/** Adjustments are taken back in burn order, at most what is available of them. */
function correctAdjustments(
  wallet: LiveWallet,
  { amount, reason }: CorrectAdjustments,
  { now }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  const { active, used } = wallet.lots;
  const adjustments = { active: active.filter(({ origin }) => origin === 'adjustment'), used };
  const draws = drawFree(adjustments, amount, now);
  if (sumOfParts(draws) < amount) {
    return refuse({
      code: 'wallet.insufficient_credits',
      needed: amount,
      available: sumFree(adjustments),
    });
  }
  return accept<WalletEvent>({
    type: 'CreditsRevoked',
    userId: wallet.userId,
    at: now,
    reason,
    lots: draws.map((part) => ({ ...part, spent: 0n, expired: 0n })),
  });
}

/** What the revocation took comes back; what had been spent is owed no more, refunds since then included. */
export function decideReinstate(
  wallet: LiveWallet,
  { paymentId }: ReinstateCreditsCommand,
  { now }: WalletContext,
): WalletDecision {
  const lots = lotsOfPayment(wallet.lots, paymentId).filter(({ revoked }) => revoked !== undefined);
  if (lots.length === 0) {
    return refuse(invalidField('reference', 'names no revoked purchase of this wallet'));
  }
  const event: CreditsReinstated = {
    type: 'CreditsReinstated',
    userId: wallet.userId,
    at: now,
    paymentId,
    lots: lots.map((lot): LotRevoked => {
      const { amount, spent, refunded } = lot.revoked!;
      return { ...partOf(lot, amount + refunded), spent: spent - refunded, expired: lot.expired };
    }),
  };
  // A lot whose time has come meanwhile lapses at once: it is never shown as available.
  const reinstated = apply({ wallet, events: [] }, [event]);
  return accept<WalletEvent>(event, ...lapsedParts(reinstated.wallet, now));
}
