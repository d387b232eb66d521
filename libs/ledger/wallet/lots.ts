import { type Credits, minCredits } from '#libs/kernel/credits.js';
import type { LotDraw, LotKind, LotOrigin } from './events.js';

/** Credits that came in together and lapse together. */
export interface Lot {
  readonly id: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly original: Credits;
  readonly remaining: Credits;
  /** Milliseconds since the epoch; a lot is expired when `t >= expiresAt`. */
  readonly expiresAt?: number;
  readonly addedAt: number;
  readonly paymentId?: string;
}

// Monthly burns first, then promo, then refund and purchased as one group (domain rules, section 4).
const BURN_GROUP: Readonly<Record<LotKind, number>> = { monthly: 0, promo: 1, refund: 2, purchased: 2 };

/** Burn order: group, then earliest expiry (none last), then oldest, then id bytewise. */
export function compareBurnOrder(a: Lot, b: Lot): number {
  return (
    BURN_GROUP[a.kind] - BURN_GROUP[b.kind] ||
    compareExpiry(a.expiresAt, b.expiresAt) ||
    a.addedAt - b.addedAt ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function compareExpiry(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a - b;
}

export const isExpired = (lot: Lot, t: number): boolean => lot.expiresAt !== undefined && t >= lot.expiresAt;

/** `lots` (in burn order) with one more, in its place. */
export function insertLot(lots: readonly Lot[], lot: Lot): readonly Lot[] {
  const at = lots.findIndex((other) => compareBurnOrder(lot, other) < 0);
  return at < 0 ? [...lots, lot] : [...lots.slice(0, at), lot, ...lots.slice(at)];
}

/**
 * Takes `amount` from `lots` in burn order. The caller has left out expired lots and checked that there is enough.
 * @throws when the lots do not hold the amount: a wallet never goes below zero.
 */
export function drawLots(lots: readonly Lot[], amount: Credits): readonly LotDraw[] {
  const draws: LotDraw[] = [];
  let left = amount;
  for (const lot of lots) {
    if (left === 0n) break;
    const part = minCredits(lot.remaining, left);
    draws.push({ lotId: lot.id, kind: lot.kind, origin: lot.origin, amount: part });
    left -= part;
  }
  if (left > 0n) throw new Error(`drawLots: ${left} of ${amount} credits are not in the lots`);
  return draws;
}

/** `lots` after `draws`; a lot used up is left out. @throws when a draw names an unknown lot or takes too much. */
export function applyDraws(lots: readonly Lot[], draws: readonly LotDraw[]): readonly Lot[] {
  if (draws.length === 0) return lots;
  const taken = new Map(draws.map((draw) => [draw.lotId, draw.amount]));
  const left: Lot[] = [];
  for (const lot of lots) {
    const amount = taken.get(lot.id);
    if (amount === undefined) {
      left.push(lot);
      continue;
    }
    taken.delete(lot.id);
    if (amount > lot.remaining)
      throw new Error(`Lot ${lot.id} holds ${lot.remaining} credits, not ${amount}`);
    if (amount < lot.remaining) left.push({ ...lot, remaining: lot.remaining - amount });
  }
  if (taken.size > 0) throw new Error(`Unknown lot ${[...taken.keys()].join(', ')}`);
  return left;
}

export function sumLots(lots: readonly Lot[]): Credits {
  let sum = 0n;
  for (const lot of lots) sum += lot.remaining;
  return sum;
}
