import { type Objection, refusal } from './answers.js';
import { DAY_MS } from './calendar.js';
import type { Command } from './commands.js';
import { addLot } from './lots.js';
import { type Component, COMPONENTS, type ModelCharge, type ModelState } from './state.js';

/** What came from a lapsed lot lives so long again; what was bought lives on without end. */
const REFUND_LOT_MS = 30 * DAY_MS;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export const leftToRefund = ({ left }: ModelCharge): bigint =>
  sum(COMPONENTS.map((component) => left[component]));

/**
 * Spreads `amount` over what is left: each component gives its share rounded down, and the rest of the division is
 * carried on to the next, so that nothing is lost and the last one ends without rest.
 */
export function spreadOver(
  left: Readonly<Record<Component, bigint>>,
  amount: bigint,
): Record<Component, bigint> {
  const total = sum(COMPONENTS.map((component) => left[component]));
  const parts = { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare: 0n };
  let carried = 0n;
  for (const component of COMPONENTS) {
    carried += left[component] * amount;
    parts[component] = carried / total;
    carried %= total;
  }
  return parts;
}

export function refundRun(state: ModelState, command: Command<'RefundPrompt'>, t: number): Objection {
  const { refundId, runId, amount } = command;
  if (state.refundIds.has(refundId)) return refusal('refund.id_used');
  const charge = state.runs.get(runId);
  if (charge === undefined) return refusal('run.not_found');
  return refund(state, charge, refundId, amount, t);
}

export function refundFlow(state: ModelState, command: Command<'RefundFlow'>, t: number): Objection {
  if (state.refundIds.has(command.refundId)) return refusal('refund.id_used');
  const charge = state.flows.get(command.flowId);
  if (charge === undefined) return refusal('flow.not_unlocked');
  return refund(state, charge, command.refundId, undefined, t);
}

function refund(
  state: ModelState,
  charge: ModelCharge,
  refundId: string,
  asked: bigint | undefined,
  t: number,
): Objection {
  const remaining = leftToRefund(charge);
  const amount = asked ?? remaining;
  if (amount > remaining || amount === 0n) return refusal('refund.exceeds_charge', { remaining });
  state.refundIds.add(refundId);
  const parts = spreadOver(charge.left, amount);
  for (const component of COMPONENTS) charge.left[component] -= parts[component];
  giveBack(state, charge, amount, t);
  state.happened += 1;
  return undefined;
}

/** First what was never collected, then the lots, last drawn first, then the allowance. */
function giveBack(state: ModelState, charge: ModelCharge, amount: bigint, t: number): void {
  const forgiven = smaller(amount, charge.uncollected);
  charge.uncollected -= forgiven;
  state.uncollected -= forgiven;
  let rest = amount - forgiven;
  for (let i = charge.draws.length - 1; i >= 0 && rest > 0n; i--) {
    const draw = charge.draws[i]!;
    const part = smaller(rest, draw.amount);
    if (part === 0n) continue;
    draw.amount -= part;
    rest -= part;
    restore(state, draw.lot, part, t);
  }
  charge.allowance -= rest;
  // An allowance is a month's: what an earlier one covered does not come back in a later one.
  if (charge.month === state.month) state.allowanceUsed -= rest;
}

function restore(state: ModelState, index: number, amount: bigint, t: number): void {
  const lot = state.lots[index]!;
  if (lot.revoked !== undefined) {
    // The money itself has gone back already: less is owed, and nothing returns.
    state.uncollected -= amount;
    lot.revoked.spent -= amount;
    lot.revoked.left += amount;
    lot.spent -= amount;
    lot.taken += amount;
    return;
  }
  lot.spent -= amount;
  if (lot.lapsesAt > t) {
    lot.left += amount;
    return;
  }
  lot.moved += amount;
  const { origin, paymentId } = lot;
  const lapsesAt = origin === 'purchased' ? Infinity : t + REFUND_LOT_MS;
  addLot(state, { kind: 'refund', origin, amount, lapsesAt, paymentId }, t);
}
