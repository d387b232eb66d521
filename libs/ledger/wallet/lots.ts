import { type Credits, minCredits } from '#libs/kernel/credits.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import type { CostBasis, LotDraw } from './events.js';
import type { LotKind, LotOrigin } from './vocabulary.js';

/**
 * Credits that came in together and lapse together. What became of them always adds up:
 * `original = remaining + spent + expired + takenBack + movedOut`, `spent` being the draws less what was refunded.
 */
export interface Lot {
  readonly id: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly original: Credits;
  /** Not spent, lapsed or taken back; `reserved` is a part of it. */
  readonly remaining: Credits;
  /** Named by open holds: neither available nor lapsing. */
  readonly reserved: Credits;
  readonly expired: Credits;
  /** Taken back by a revocation, a correction or the closing of the wallet. */
  readonly takenBack: Credits;
  /** Refunded into another lot, because this one had lapsed. */
  readonly movedOut: Credits;
  /** Milliseconds since the epoch; a lot is expired when `t >= expiresAt`. */
  readonly expiresAt?: number;
  readonly addedAt: number;
  /** The purchase that it came from, also of a refund lot. */
  readonly paymentId?: string;
  readonly costBasis?: CostBasis;
  /** Present while the payment is revoked: what was taken and spent, and what of the spent part was refunded since. */
  readonly revoked?: { readonly amount: Credits; readonly spent: Credits; readonly refunded: Credits };
}

/** Every lot a wallet ever had: those with something left in burn order, and the others by id, for refunds. */
export interface Lots {
  readonly active: readonly Lot[];
  readonly used: PersistentMap<Lot>;
}

export const NO_LOTS: Lots = { active: [], used: PersistentMap.empty() };

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

/** What of a lot no hold has reserved. */
export const freeOf = (lot: Lot): Credits => lot.remaining - lot.reserved;

/** What was drawn from a lot and has not come back to it. */
export const spentOf = (lot: Lot): Credits =>
  lot.original - lot.remaining - lot.expired - lot.takenBack - lot.movedOut;

/** Free credits of all lots that are left; lapsed ones count until their expiry is recorded. */
export function sumFree(lots: Lots): Credits {
  let sum = 0n;
  for (const lot of lots.active) sum += lot.remaining - lot.reserved;
  return sum;
}

/** @throws when the wallet never had the lot: the log is damaged or the code is wrong. */
export function lotOf(lots: Lots, id: string): Lot {
  const lot = lots.used.get(id) ?? lots.active.find((other) => other.id === id);
  if (lot === undefined) throw new Error(`Unknown lot ${id}`);
  return lot;
}

/** All lots that came from a purchase: the purchased one and the refund lots that took over lapsed parts of it. */
export function lotsOfPayment(lots: Lots, paymentId: string): readonly Lot[] {
  const own = [...lots.active, ...lots.used.values()].filter((lot) => lot.paymentId === paymentId);
  return own.sort((a, b) => a.addedAt - b.addedAt || (a.id < b.id ? -1 : 1));
}

/** @throws when the id is taken: lots are never replaced. */
export function addLot(lots: Lots, lot: Lot): Lots {
  if (lots.used.has(lot.id) || lots.active.some(({ id }) => id === lot.id)) {
    throw new Error(`Lot ${lot.id} is added a second time`);
  }
  return put(lots, lot);
}

/**
 * The lots after `change` of those that `parts` name, given the amount of each.
 * @throws when a part names an unknown lot or leaves one below what is reserved: a wallet never goes below zero
 */
export function changeLots(
  lots: Lots,
  parts: readonly Pick<LotDraw, 'lotId' | 'amount'>[],
  change: (lot: Lot, amount: Credits) => Lot,
): Lots {
  let changed = lots;
  for (const { lotId, amount } of parts) {
    const lot = change(lotOf(changed, lotId), amount);
    if (lot.reserved < 0n || lot.remaining < lot.reserved) {
      throw new Error(`Lot ${lotId}: ${amount} credits are more than it holds`);
    }
    changed = put(changed, lot);
  }
  return changed;
}

export const draw = (lot: Lot, amount: Credits): Lot => ({ ...lot, remaining: lot.remaining - amount });
export const reserve = (lot: Lot, amount: Credits): Lot => ({ ...lot, reserved: lot.reserved + amount });
export const unreserve = (lot: Lot, amount: Credits): Lot => ({ ...lot, reserved: lot.reserved - amount });
export const expire = (lot: Lot, amount: Credits): Lot => ({
  ...lot,
  remaining: lot.remaining - amount,
  expired: lot.expired + amount,
});

function put({ active, used }: Lots, lot: Lot): Lots {
  const at = active.findIndex(({ id }) => id === lot.id);
  if (lot.remaining === 0n) {
    const left = at < 0 ? active : [...active.slice(0, at), ...active.slice(at + 1)];
    return { active: left, used: used.with(lot.id, lot) };
  }
  // What orders a lot never changes, so one that stays keeps its place.
  if (at >= 0) return { active: active.with(at, lot), used };
  const place = active.findIndex((other) => compareBurnOrder(lot, other) < 0);
  return {
    active: place < 0 ? [...active, lot] : [...active.slice(0, place), lot, ...active.slice(place)],
    used: used.without(lot.id),
  };
}

/**
 * Takes up to `amount` in burn order from what is free and not lapsed at `t`.
 * Less than `amount` in all means that there is no more.
 */
export function drawFree(lots: Lots, amount: Credits, t: number): readonly LotDraw[] {
  const draws: LotDraw[] = [];
  let left = amount;
  for (const lot of lots.active) {
    if (left === 0n) break;
    if (lot.remaining === lot.reserved || isExpired(lot, t)) continue;
    const part = minCredits(freeOf(lot), left);
    draws.push(partOf(lot, part));
    left -= part;
  }
  return draws;
}

export const partOf = ({ id, kind, origin }: Lot, amount: Credits): LotDraw => ({
  lotId: id,
  kind,
  origin,
  amount,
});

export const sumOfParts = (parts: readonly Pick<LotDraw, 'amount'>[]): Credits =>
  parts.reduce((sum, { amount }) => sum + amount, 0n);
