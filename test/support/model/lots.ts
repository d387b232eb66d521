import type { LotKind, LotOrigin } from '#libs/ledger/wallet/vocabulary.js';
import type { ModelLot, ModelState, Part } from './state.js';

const GROUP: Readonly<Record<LotKind, number>> = { monthly: 0, promo: 1, refund: 2, purchased: 2 };

export interface NewLot {
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly amount: bigint;
  readonly lapsesAt?: number | undefined;
  readonly paymentId?: string | undefined;
}

export function addLot(state: ModelState, lot: NewLot, t: number): void {
  state.happened += 1;
  state.lots.push({
    id: '',
    kind: lot.kind,
    origin: lot.origin,
    added: lot.amount,
    left: lot.amount,
    spent: 0n,
    expired: 0n,
    taken: 0n,
    moved: 0n,
    lapsesAt: lot.lapsesAt ?? Infinity,
    bornAt: t,
    paymentId: lot.paymentId,
    revoked: undefined,
  });
}

export function reservedOf(state: ModelState, lot: number): bigint {
  let sum = 0n;
  for (const hold of state.holds.values()) {
    if (hold.state !== 'open') continue;
    for (const part of hold.parts) if (part.lot === lot) sum += part.amount;
  }
  return sum;
}

/** What of a lot nobody has reserved. */
export const freeOf = (state: ModelState, lot: number): bigint =>
  state.lots[lot]!.left - reservedOf(state, lot);

/** What can be spent at `t`; only of one origin when that is named. */
export function availableOf(state: ModelState, t: number, origin?: LotOrigin): bigint {
  return state.lots.reduce(
    (sum, lot, i) =>
      lot.lapsesAt > t && (origin === undefined || lot.origin === origin) ? sum + freeOf(state, i) : sum,
    0n,
  );
}

/** Free parts of unexpired lots in burn order, at most `amount` in all. */
export function partsFor(state: ModelState, amount: bigint, t: number, origin?: LotOrigin): Part[] {
  const order = state.lots
    .map((lot, i) => ({ lot, i }))
    .filter(({ lot }) => lot.lapsesAt > t && (origin === undefined || lot.origin === origin))
    .sort((a, b) => compare(a.lot, b.lot));
  const parts: Part[] = [];
  for (const { i } of order) {
    const free = freeOf(state, i);
    const take = free < amount ? free : amount;
    if (take > 0n) parts.push({ lot: i, amount: take });
    amount -= take;
  }
  return parts;
}

function compare(a: ModelLot, b: ModelLot): number {
  if (GROUP[a.kind] !== GROUP[b.kind]) return GROUP[a.kind] - GROUP[b.kind];
  if (a.lapsesAt !== b.lapsesAt) return a.lapsesAt < b.lapsesAt ? -1 : 1;
  if (a.bornAt !== b.bornAt) return a.bornAt - b.bornAt;
  return a.id < b.id ? -1 : 1;
}

export function spend(state: ModelState, parts: readonly Part[]): void {
  for (const { lot, amount } of parts) {
    state.lots[lot]!.left -= amount;
    state.lots[lot]!.spent += amount;
  }
}

/** Unreserved parts of lapsed lots are gone. */
export function expireLots(state: ModelState, t: number): void {
  state.lots.forEach((lot, i) => {
    if (lot.lapsesAt > t) return;
    const free = freeOf(state, i);
    if (free === 0n) return;
    lot.left -= free;
    lot.expired += free;
    state.happened += 1;
  });
}

/** By kind, reserved parts included: those of lapsed lots live as long as their hold. */
export function kindsOf(state: ModelState, t: number): Record<LotKind, bigint> {
  const kinds = { monthly: 0n, promo: 0n, refund: 0n, purchased: 0n };
  state.lots.forEach((lot, i) => {
    kinds[lot.kind] += lot.lapsesAt > t ? lot.left : reservedOf(state, i);
  });
  return kinds;
}

export const heldOf = (state: ModelState): bigint =>
  state.lots.reduce((sum, _lot, i) => sum + reservedOf(state, i), 0n);
