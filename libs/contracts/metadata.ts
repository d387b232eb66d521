import type { Balance } from '#libs/ledger/wallet/balance.js';
import { UnreadableEventError } from './fields.js';

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
  const { balance, ...rest } = JSON.parse(text) as StoredMetadata;
  if (
    typeof rest.principal !== 'string' ||
    typeof rest.key !== 'string' ||
    typeof rest.bodyHash !== 'string'
  ) {
    throw new UnreadableEventError('Stored metadata must carry principal, key and bodyHash.');
  }
  return balance === undefined ? rest : { ...rest, balance: decodeBalance(balance) };
}

const text = (amount: bigint): string | undefined => (amount === 0n ? undefined : amount.toString());
const amount = (stored: string | undefined): bigint => (stored === undefined ? 0n : BigInt(stored));

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
  const held = amount(stored.held);
  const kinds = {
    monthly: amount(stored.monthly),
    promo: amount(stored.promo),
    refund: amount(stored.refund),
    purchased: amount(stored.purchased),
  };
  return {
    available: kinds.monthly + kinds.promo + kinds.refund + kinds.purchased - held,
    held,
    ...kinds,
    ...(stored.unlimitedUsed === undefined
      ? {}
      : {
          unlimited: {
            used: BigInt(stored.unlimitedUsed),
            ...(stored.unlimitedFairUse === undefined ? {} : { fairUse: BigInt(stored.unlimitedFairUse) }),
          },
        }),
  };
}
