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

type StoredMetadata = Omit<EventMetadata, 'balance'> & { readonly balance?: StoredBalance };

export function encodeMetadata(metadata: EventMetadata): string {
  const { balance, ...rest } = metadata;
  return JSON.stringify(balance === undefined ? rest : { ...rest, balance: encodeBalance(balance) });
}

/** @throws UnreadableEventError when the text is not metadata of this ledger. */
export function decodeMetadata(text: string): EventMetadata {
  const stored = parseStored('Stored metadata', text);
  const fields = FieldReader.of('metadata', stored);
  for (const name of ['principal', 'key', 'bodyHash']) fields.text(name);
  const { balance, ...rest } = stored as StoredMetadata;
  return balance === undefined ? rest : { ...rest, balance: decodeBalance(balance) };
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
