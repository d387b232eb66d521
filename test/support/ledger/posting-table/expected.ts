import type { LedgerEvent } from '#libs/ledger/events.js';
import type { CreditsReinstated, CreditsRevoked, LotRestored } from '#libs/ledger/wallet/events.js';
import type { LotOrigin } from '#libs/ledger/wallet/vocabulary.js';
import type { Journal } from './row.js';

/** A journal that grows posting by posting; accounts that end at zero are not in it. */
class Books {
  private readonly sums = new Map<string, bigint>();

  post(account: string, amount: bigint): this {
    this.sums.set(account, (this.sums.get(account) ?? 0n) + amount);
    return this;
  }

  get journal(): Journal {
    return Object.fromEntries([...this.sums].filter(([, amount]) => amount !== 0n));
  }
}

const GIVEN: Readonly<Record<Exclude<LotOrigin, 'purchased'>, string>> = {
  promo: 'platform:promo_expense',
  monthly: 'platform:allowance_expense',
  adjustment: 'platform:adjustments',
  legacy: 'platform:opening',
};
const opposite = (origin: LotOrigin, ofBought: string): string =>
  origin === 'purchased' ? ofBought : GIVEN[origin];

/**
 * The table of domain rules, section 5, as a program of its own: one statement for each entry of it, and nothing
 * shared with the ledger's.
 */
export function expectedJournal(event: LedgerEvent): Journal {
  const books = new Books();
  switch (event.type) {
    case 'CreditsAdded':
      books.post(`wallet:${event.userId}:${event.kind}`, event.amount);
      books.post(opposite(event.origin, 'platform:cash'), -event.amount);
      break;
    case 'CreditsExpired':
      books.post(`wallet:${event.userId}:${event.kind}`, -event.amount);
      books.post(opposite(event.origin, 'revenue:breakage'), event.amount);
      break;
    case 'CreditsRevoked':
      revoked(books, event, -1n, event.reason === 'correction' ? 'platform:adjustments' : 'platform:cash');
      break;
    case 'CreditsReinstated':
      revoked(books, event, 1n, 'platform:cash');
      break;
    case 'PromptCharged':
      for (const { kind, amount } of event.draws) books.post(`wallet:${event.userId}:${kind}`, -amount);
      books.post('platform:allowance_expense', -event.allowance);
      books.post('expense:uncollected', -event.uncollected);
      books.post('revenue:inference', event.inference);
      books.post('revenue:markup', event.markup);
      books.post('revenue:byok', event.byokFee);
      books.post('revenue:creator_fee_share', event.platformShare);
      books.post(`clearing:creator:${event.creatorId}`, event.creatorShare);
      break;
    case 'PromptRefunded':
      books.post('revenue:inference', -event.parts.inference);
      books.post('revenue:markup', -event.parts.markup);
      books.post('revenue:byok', -event.parts.byokFee);
      books.post('revenue:creator_fee_share', -event.parts.platformShare);
      books.post(`clearing:creator:${event.creatorId}`, -event.parts.creatorShare);
      books.post('expense:uncollected', event.uncollected);
      books.post('platform:allowance_expense', event.allowance);
      restored(books, event.userId, event.restored);
      break;
    case 'FlowUnlocked':
      for (const { kind, amount } of event.draws) books.post(`wallet:${event.userId}:${kind}`, -amount);
      books.post('revenue:creator_fee_share', event.platformShare);
      books.post(`clearing:creator:${event.creatorId}`, event.creatorShare);
      break;
    case 'FlowUnlockRefunded':
      books.post('revenue:creator_fee_share', -event.platformShare);
      books.post(`clearing:creator:${event.creatorId}`, -event.creatorShare);
      restored(books, event.userId, event.restored);
      break;
    case 'CreatorPaid':
      books.post(`clearing:creator:${event.creatorId}`, -event.amount);
      books.post(`creator:${event.creatorId}:payable`, event.amount);
      break;
    case 'CreatorEarningsReversed':
      books.post(`clearing:creator:${event.creatorId}`, event.amount);
      books.post(`creator:${event.creatorId}:payable`, -event.amount);
      break;
    case 'PayoutRequested':
      books.post(`creator:${event.creatorId}:payable`, -event.amount);
      books.post(`creator:${event.creatorId}:in_payout`, event.amount);
      break;
    case 'PayoutSent':
      books.post(`creator:${event.creatorId}:in_payout`, -event.amount);
      books.post('platform:payouts', event.amount);
      break;
    case 'PayoutSettled':
      books.post('platform:payouts', -event.amount);
      books.post('platform:cash', event.amount);
      break;
    case 'PayoutFailed':
      if (event.failedFrom === 'requested') books.post(`creator:${event.creatorId}:in_payout`, -event.amount);
      if (event.failedFrom === 'sent') books.post('platform:payouts', -event.amount);
      if (event.failedFrom === 'settled') books.post('platform:cash', -event.amount);
      books.post(`creator:${event.creatorId}:payable`, event.amount);
      break;
    case 'SubscriptionPaid':
      books.post('platform:cash', -event.amount).post('revenue:subscription', event.amount);
      break;
    default:
      // Events not listed in the table post nothing.
      break;
  }
  return books.journal;
}

function revoked(
  books: Books,
  { userId, lots }: CreditsRevoked | CreditsReinstated,
  sign: 1n | -1n,
  cash: string,
): void {
  for (const { kind, origin, amount: r, spent: s, expired: x } of lots) {
    books.post(`wallet:${userId}:${kind}`, sign * r);
    books.post('expense:uncollected', sign * s);
    books.post(opposite(origin, 'revenue:breakage'), sign * x);
    books.post(cash, -sign * (r + s + x));
  }
}

function restored(books: Books, userId: string, lots: readonly LotRestored[]): void {
  for (const { into, kind, amount } of lots) {
    if (into === 'revoked') books.post('expense:uncollected', amount);
    else books.post(`wallet:${userId}:${into === 'lot' ? kind : 'refund'}`, amount);
  }
}
