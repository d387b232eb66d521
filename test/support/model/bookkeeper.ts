import { postingsOf } from '#libs/ledger/accounting/postings.js';
import type { LotRevoked, WalletEvent } from '#libs/ledger/wallet/events.js';
import { expectedJournal } from '../ledger/posting-table/expected.js';
import type { ModelState } from './state.js';

/** A lot as its wallet's events tell of it. */
interface LotPage {
  added: bigint;
  left: bigint;
  reserved: bigint;
  spent: bigint;
  expired: bigint;
  taken: bigint;
  moved: bigint;
}

type Field = Exclude<keyof LotPage, 'added' | 'reserved'>;

/**
 * Keeps the books of a wallet from its events alone, by nothing of the ledger's own but the events. After each of them
 *
 * - every lot is whole: `added = left + spent + expired + taken + moved`. A refund moves spent back to left; into a
 *   refund lot it moves it to `moved`, and the refund lot adds as much; of a revoked lot it moves it to taken.
 *   Revoking moves left to taken, and leaves spent where it is (it is uncollected from then on); reinstating moves
 *   what was taken, with what was refunded since, back to left. So over all lots, refund lots not counted as added:
 *   `sum of left + spent + expired + taken = everything ever added`;
 * - no more is reserved of a lot than it has;
 * - the event's postings are those of the table, and sum to zero, and with them the trial balance;
 * - what the books say of the wallet's accounts is what its lots have left.
 */
export class Bookkeeper {
  readonly lots = new Map<string, LotPage>();
  private readonly accounts = new Map<string, bigint>();
  private readonly holds = new Map<string, readonly { readonly lotId: string; readonly amount: bigint }[]>();

  read(event: WalletEvent): void {
    this.keep(event);
    this.post(event);
    let left = 0n;
    for (const [id, page] of this.lots) {
      const { added, reserved, spent, expired, taken, moved } = page;
      left += page.left;
      if (added !== page.left + spent + expired + taken + moved || reserved > page.left || isNegative(page))
        throw new Error(`Lot ${id} is not whole after ${event.type}: ${text(page)}`);
    }
    const posted = [...this.accounts].reduce(
      (sum, [account, amount]) => (account.startsWith('wallet:') ? sum + amount : sum),
      0n,
    );
    if (posted !== left) throw new Error(`The books hold ${posted} for the wallet, its lots ${left}`);
  }

  /** Lot by lot what the model says too; what is revoked is the model's to tell apart. */
  compare(state: Readonly<ModelState>): void {
    const { lots } = this;
    const said = Object.fromEntries(
      state.lots.map(({ id, left, spent, expired, taken, moved }) => [
        id,
        { left, spent, expired, taken, moved },
      ]),
    );
    const kept = Object.fromEntries(
      [...lots].map(([id, { left, spent, expired, taken, moved }]) => [
        id,
        { left, spent, expired, taken, moved },
      ]),
    );
    expect(kept).toEqual(said);
  }

  private keep(event: WalletEvent): void {
    switch (event.type) {
      case 'CreditsAdded':
        return this.add(event.lotId, event.amount);
      case 'CreditsExpired':
        return this.move(event.lotId, event.amount, 'left', 'expired');
      case 'CreditsRevoked':
        for (const lot of event.lots) {
          if (event.paymentId !== undefined) this.agree(event.type, lot, 0n);
          this.move(lot.lotId, lot.amount, 'left', 'taken');
        }
        return;
      case 'CreditsReinstated':
        for (const lot of event.lots) {
          this.agree(event.type, lot, lot.amount);
          this.move(lot.lotId, lot.amount, 'taken', 'left');
        }
        return;
      case 'CreditsHeld':
        this.holds.set(event.holdId, event.parts);
        for (const { lotId, amount } of event.parts) this.page(lotId).reserved += amount;
        return;
      case 'HoldReleased':
        return this.free(event.holdId);
      case 'PromptCharged':
        if (event.holdId !== undefined) this.free(event.holdId);
        for (const { lotId, amount } of event.draws) this.move(lotId, amount, 'left', 'spent');
        return;
      case 'FlowUnlocked':
        for (const { lotId, amount } of event.draws) this.move(lotId, amount, 'left', 'spent');
        return;
      case 'PromptRefunded':
      case 'FlowUnlockRefunded':
        for (const { lotId, amount, into, refundLotId } of event.restored) {
          this.move(lotId, amount, 'spent', into === 'lot' ? 'left' : into === 'revoked' ? 'taken' : 'moved');
          if (refundLotId !== undefined) this.add(refundLotId, amount);
        }
        return;
      default:
        return;
    }
  }

  private post(event: WalletEvent): void {
    const journal = Object.fromEntries(postingsOf(event).map(({ account, amount }) => [account, amount]));
    const expected = expectedJournal(event);
    const accounts = new Set([...Object.keys(journal), ...Object.keys(expected)]);
    let sum = 0n;
    for (const account of accounts) {
      const amount = journal[account] ?? 0n;
      if (amount !== (expected[account] ?? 0n))
        throw new Error(`${event.type} posts ${amount} to ${account}, not ${expected[account] ?? 0n}`);
      sum += amount;
      this.accounts.set(account, (this.accounts.get(account) ?? 0n) + amount);
    }
    if (sum !== 0n) throw new Error(`The postings of ${event.type} sum to ${sum}`);
  }

  /**
   * What a chargeback or a dispute won says of a lot is how the lot stands: spent is what is gone, by runs or, beyond
   * the `coming` credits that come back now, by the closing of the wallet.
   */
  private agree(type: string, { lotId, spent, expired }: LotRevoked, coming: bigint): void {
    const page = this.page(lotId);
    if (page.spent + page.taken - coming !== spent || page.expired !== expired)
      throw new Error(`${type} says ${spent} spent and ${expired} expired of lot ${lotId}: ${text(page)}`);
  }

  private add(lotId: string, amount: bigint): void {
    if (this.lots.has(lotId)) throw new Error(`Lot ${lotId} is added twice`);
    this.lots.set(lotId, {
      added: amount,
      left: amount,
      reserved: 0n,
      spent: 0n,
      expired: 0n,
      taken: 0n,
      moved: 0n,
    });
  }

  private page(lotId: string): LotPage {
    const page = this.lots.get(lotId);
    if (page === undefined) throw new Error(`Lot ${lotId} was never added`);
    return page;
  }

  private move(lotId: string, amount: bigint, from: Field, to: Field): void {
    const page = this.page(lotId);
    page[from] -= amount;
    page[to] += amount;
  }

  private free(holdId: string): void {
    for (const { lotId, amount } of this.holds.get(holdId) ?? []) this.page(lotId).reserved -= amount;
    this.holds.delete(holdId);
  }
}

const isNegative = ({ left, reserved, spent, expired, taken, moved }: LotPage): boolean =>
  [left, reserved, spent, expired, taken, moved].some((amount) => amount < 0n);

const text = (page: LotPage): string =>
  Object.entries(page)
    .map(([field, amount]) => `${field} ${amount}`)
    .join(', ');
