import { hash } from 'node:crypto';

const KEY_HEX_DIGITS = 40;

/**
 * The key under which a payout is known to its provider, the same for ever. Ids may be 128 characters long and a
 * provider's keys are shorter; the creator's length keeps two pairs of ids from reading alike.
 */
export function transferKey({
  creatorId,
  payoutId,
}: {
  readonly creatorId: string;
  readonly payoutId: string;
}): string {
  return `payout_${hash('sha256', `${creatorId.length}:${creatorId}${payoutId}`, 'hex').slice(0, KEY_HEX_DIGITS)}`;
}
