import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import { FieldReader, parseStored } from './fields.js';

/** What every stored event says about the command that made it. All events of one command carry the same key. */
export interface EventMetadata {
  /** Who asked: service client, token subject, `local`, or `system:<role>` for internal commands. */
  readonly principal: string;
  /** The idempotency key, scoped to principal and stream. */
  readonly key: string;
  /** SHA-256 of the command's canonical JSON, base64url: tells a repeat from another command under the same key. */
  readonly bodyHash: string;
  /** Correlates everything one request caused. */
  readonly correlationId?: string;
  /** Id of the event that caused this command, if one did. */
  readonly causationId?: string;
  /** Wallet events: the balance right after this event, for replies and statements. */
  readonly balance?: Balance;
  /** Payout events: the creator's earnings right after this event, for replies. */
  readonly earnings?: Earnings;
}

/** The stored form of a balance: decimal strings, zero kinds left out; `available` is what the kinds sum to less held. */
interface StoredBalance {
  readonly held?: string;
  readonly monthly?: string;
  readonly promo?: string;
  readonly refund?: string;
  readonly purchased?: string;
  readonly unlimitedUsed?: string;
  readonly unlimitedFairUse?: string;
}

/** The stored form of earnings: decimal strings, zeros left out; `payable` is what is left of `earned`. */
interface StoredEarnings {
  readonly earned: string;
  readonly accrued?: string;
  readonly inPayout?: string;
  readonly paid?: string;
  readonly nextMaturityAt?: number;
}

type StoredMetadata = Omit<EventMetadata, 'balance' | 'earnings'> & {
  readonly balance?: StoredBalance;
  readonly earnings?: StoredEarnings;
};

export function encodeMetadata(metadata: EventMetadata): string {
  const { balance, earnings, ...rest } = metadata;
  if (balance !== undefined) return JSON.stringify({ ...rest, balance: encodeBalance(balance) });
  return JSON.stringify(earnings === undefined ? rest : { ...rest, earnings: encodeEarnings(earnings) });
}

/** @throws UnreadableEventError when the text is not metadata of this ledger. */
export function decodeMetadata(text: string): EventMetadata {
  const stored = parseStored('Stored metadata', text);
  const fields = FieldReader.of('metadata', stored);
  for (const name of ['principal', 'key', 'bodyHash']) fields.text(name);
  const { balance, earnings, ...rest } = stored as StoredMetadata;
  if (balance !== undefined) return { ...rest, balance: decodeBalance(balance) };
  return earnings === undefined ? rest : { ...rest, earnings: decodeEarnings(earnings) };
}

const text = (amount: bigint): string | undefined => (amount === 0n ? undefined : amount.toString());

function encodeBalance(balance: Balance): StoredBalance {
  // JSON leaves out what is undefined.
  return {
    held: text(balance.held),
    monthly: text(balance.monthly),
    promo: text(balance.promo),
    refund: text(balance.refund),
    purchased: text(balance.purchased),
    unlimitedUsed: balance.unlimited?.used.toString(),
    unlimitedFairUse: balance.unlimited?.fairUse?.toString(),
  } as StoredBalance;
}

function decodeBalance(stored: StoredBalance): Balance {
  const fields = FieldReader.of('metadata.balance', stored);
  const held = fields.amountOrZero('held');
  const kinds = {
    monthly: fields.amountOrZero('monthly'),
    promo: fields.amountOrZero('promo'),
    refund: fields.amountOrZero('refund'),
    purchased: fields.amountOrZero('purchased'),
  };
  return {
    available: kinds.monthly + kinds.promo + kinds.refund + kinds.purchased - held,
    held,
    ...kinds,
    ...(fields.has('unlimitedUsed')
      ? {
          unlimited: {
            used: fields.amount('unlimitedUsed'),
            ...(fields.has('unlimitedFairUse') ? { fairUse: fields.amount('unlimitedFairUse') } : {}),
          },
        }
      : {}),
  };
}

const encodeEarnings = ({ earned, accrued, inPayout, paid, nextMaturityAt }: Earnings): StoredEarnings =>
  ({
    earned: earned.toString(),
    accrued: text(accrued),
    inPayout: text(inPayout),
    paid: text(paid),
    nextMaturityAt,
  }) as StoredEarnings;

function decodeEarnings(stored: StoredEarnings): Earnings {
  const fields = FieldReader.of('metadata.earnings', stored);
  const earned = fields.amount('earned');
  const accrued = fields.amountOrZero('accrued');
  const inPayout = fields.amountOrZero('inPayout');
  const paid = fields.amountOrZero('paid');
  return {
    earned,
    accrued,
    payable: earned - accrued - inPayout - paid,
    inPayout,
    paid,
    ...(fields.has('nextMaturityAt') ? { nextMaturityAt: fields.integer('nextMaturityAt') } : {}),
  };
}
