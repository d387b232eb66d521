/** A payout as its provider is asked to make it. */
export interface TransferOrder {
  readonly creatorId: string;
  /** Used once by the creator for ever. */
  readonly payoutId: string;
  /** US cents, 1 or more. */
  readonly amountCents: bigint;
  readonly currency: 'usd';
  /** The provider's own id of the account. */
  readonly destination: string;
}

/** Why a payout failed, in the ledger's words (domain rules, section 4). */
export type FailureReason = 'rejected' | 'returned' | 'account_invalid' | 'cancelled' | 'fraud' | 'other';

export interface TransferFailure {
  /** Stable, for operators, for example `insufficient_balance`. */
  readonly code: string;
  readonly reason: FailureReason;
}

/** What the provider knows a transfer by, and what it says of it. */
export interface FoundTransfer {
  /** The provider's id. */
  readonly reference: string;
  readonly amountCents: bigint;
  readonly currency: string;
  readonly destination: string;
}

export type SendOutcome =
  | { readonly kind: 'sent'; readonly reference: string }
  /** Taken, and sent later together with others. */
  | { readonly kind: 'collected' }
  /** It will never be made. */
  | ({ readonly kind: 'refused' } & TransferFailure)
  /** It was not made, and asking again may help. */
  | { readonly kind: 'later'; readonly why: string }
  /** It may or may not have been made. */
  | { readonly kind: 'unknown'; readonly why: string };

export type FindOutcome =
  | ({ readonly kind: 'sent' | 'settled' } & FoundTransfer)
  | ({ readonly kind: 'failed' } & FoundTransfer & TransferFailure)
  | { readonly kind: 'collected' }
  | { readonly kind: 'not_found' }
  /** It cannot be told now. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What a provider has told us by webhook. */
export type ProviderNotice =
  | ({
      readonly kind: 'transfer';
      readonly creatorId: string;
      readonly payoutId: string;
      readonly status: 'sent' | 'partly_reversed' | 'reversed';
    } & FoundTransfer)
  /** The account that transfers went to has been paid out, or that failed. */
  | {
      readonly kind: 'account_payout';
      readonly account: string;
      readonly payout: string;
      readonly status: 'paid' | 'failed';
      readonly code?: string;
    };

/**
 * Makes transfers. Every method keeps its promise by the same key, which follows from creator and payout id alone, so
 * that a repetition by whatever process is recognised.
 */
export interface PayoutProvider {
  readonly name: string;
  /** Whether a destination that finance verified with this provider name can be paid by it. */
  accepts(provider: string): boolean;
  send(order: TransferOrder): Promise<SendOutcome>;
  find(order: TransferOrder): Promise<FindOutcome>;
  /** Takes back what was collected; false when it is too late. */
  cancel(order: TransferOrder): Promise<boolean>;
  /** Sends what was collected, when it is time; true when something was sent. */
  flush(): Promise<boolean>;
  /** References of the transfers that a payout of an account consists of. @throws when they cannot be told now */
  transfersIn(notice: Extract<ProviderNotice, { kind: 'account_payout' }>): Promise<readonly string[]>;
}
