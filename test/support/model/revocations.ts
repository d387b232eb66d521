import { type Objection, refusal } from './answers.js';
import type { Command } from './commands.js';
import { openHolds, releaseHold } from './holds.js';
import { availableOf, expireLots, freeOf, partsFor, reservedOf } from './lots.js';
import { shortOf } from './runs.js';
import type { ModelLot, ModelState } from './state.js';

export function revoke(state: ModelState, command: Command<'RevokeCredits'>, t: number): Objection {
  return command.reason === 'correction'
    ? correct(state, command.amount, t)
    : revokePayment(state, command.paymentId, t);
}

/** Adjustments go back as far as nobody has reserved or spent them. */
function correct(state: ModelState, amount: bigint, t: number): Objection {
  const short = shortOf(amount, availableOf(state, t, 'adjustment'));
  if (short !== undefined) return short;
  for (const part of partsFor(state, amount, t, 'adjustment')) {
    state.lots[part.lot]!.left -= part.amount;
    state.lots[part.lot]!.taken += part.amount;
  }
  state.happened += 1;
  return undefined;
}

/** All lots of the payment: what is left, under whatever hold; what is spent or paid back becomes uncollected. */
function revokePayment(state: ModelState, paymentId: string, t: number): Objection {
  if (state.payments.get(paymentId) !== 'purchase') return refusal('request.invalid');
  const touched = state.lots.flatMap((lot, i) => (lot.paymentId === paymentId ? [i] : []));
  for (const hold of [...openHolds(state)].reverse()) {
    const stillReserved = touched.some((i) => reservedOf(state, i) > 0n);
    const helps = hold.parts.some(({ lot }) => touched.includes(lot));
    if (stillReserved && helps) releaseHold(state, hold, 'lapsed', t);
  }
  for (const i of touched) {
    const lot = state.lots[i]!;
    // What closing has paid back went out once already, and goes out again.
    const gone = lot.spent + lot.taken;
    lot.revoked = { left: lot.left, spent: gone, expired: lot.expired };
    lot.taken += lot.left;
    lot.left = 0n;
    state.uncollected += gone;
  }
  state.payments.set(paymentId, 'revoked');
  state.happened += 1;
  return undefined;
}

/** A dispute won: what was left comes back with what was refunded since, the rest is spent again. */
export function reinstate(
  state: ModelState,
  { paymentId }: Command<'ReinstateCredits'>,
  t: number,
): Objection {
  if (state.payments.get(paymentId) !== 'revoked') return refusal('request.invalid');
  for (const lot of state.lots) {
    if (lot.paymentId !== paymentId || lot.revoked === undefined) continue;
    lot.left += lot.revoked.left;
    lot.taken -= lot.revoked.left;
    state.uncollected -= lot.revoked.spent;
    lot.revoked = undefined;
  }
  state.payments.set(paymentId, 'purchase');
  state.happened += 1;
  expireLots(state, t);
  return undefined;
}

/** What was bought is paid back or kept, everything else lapses; nothing may be reserved any more. */
export function close(state: ModelState, { remainder }: Command<'CloseWallet'>): Objection {
  if (openHolds(state).length > 0) return refusal('wallet.open_holds');
  for (const lot of state.lots) {
    const back = lot.origin === 'purchased' && remainder === 'pay_back';
    if (back) lot.taken += lot.left;
    else lot.expired += lot.left;
    lot.left = 0n;
  }
  state.status = 'closed';
  state.happened += 1;
  return undefined;
}

/** Every credit of a lot is somewhere, and only there. */
export function isWhole(state: ModelState, lot: ModelLot, index: number): boolean {
  const { added, left, spent, expired, taken, moved } = lot;
  return added === left + spent + expired + taken + moved && freeOf(state, index) >= 0n;
}
