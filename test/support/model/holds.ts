import { type Objection, refusal } from './answers.js';
import { DAY_MS } from './calendar.js';
import type { Command } from './commands.js';
import { availableOf, expireLots, partsFor, spend } from './lots.js';
import { allowanceLeft } from './plans.js';
import { coveredOf, feeOf, priceOf, totalOf } from './prices.js';
import { chargeOf, type ModelTerms, objectionToRun, shortOf, termsOf } from './runs.js';
import type { ModelHold, ModelState, Part } from './state.js';

/** A run that is already done is still settled so long after its hold ran out. */
const LATE_SETTLE_MS = 7 * DAY_MS;

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export function authorise(
  state: ModelState,
  command: Command<'AuthoriseRun'>,
  t: number,
  terms: ModelTerms,
): Objection {
  const fixed = termsOf(command, t, terms);
  const plans = terms.plansAt(t);
  const objection = objectionToRun(state, command, t, plans[state.plan], fixed);
  if (objection !== undefined) return objection;
  const run = { payer: command.userId, ...command };
  const creatorFee = feeOf(run);
  const { estimate } = command;
  const amount =
    estimate.tokens === undefined
      ? estimate.amount
      : totalOf(priceOf({ ...run, tokens: estimate.tokens }, fixed));
  const allowance = smaller(amount - creatorFee, allowanceLeft(state, plans));
  const needed = amount - allowance;
  const short = shortOf(needed, availableOf(state, t));
  if (short !== undefined) return short;
  state.holds.set(command.holdId, {
    state: 'open',
    runId: command.runId,
    model: command.model,
    purpose: command.purpose,
    byok: command.byok,
    creatorId: command.creatorId,
    creatorFee,
    parts: partsFor(state, needed, t),
    allowance,
    expiresAt: t + command.ttlMs,
    month: state.month,
    terms: fixed,
  });
  if (command.purpose === 'test') state.testRuns += 1;
  state.happened += 1;
  return undefined;
}

export const openHolds = (state: ModelState): readonly ModelHold[] =>
  [...state.holds.values()].filter((hold) => hold.state === 'open');

/** What was reserved is free again, and gone where its lot has lapsed; so is the test run's count. */
export function releaseHold(state: ModelState, hold: ModelHold, into: 'lapsed' | 'closed', t: number): void {
  hold.state = into;
  if (hold.purpose === 'test' && hold.month === state.month) state.testRuns -= 1;
  state.happened += 1;
  expireLots(state, t);
}

export const isLapseDue = (state: ModelState, t: number): boolean =>
  openHolds(state).some(({ expiresAt }) => expiresAt <= t);

export function lapseHolds(state: ModelState, t: number): void {
  for (const hold of openHolds(state)) if (hold.expiresAt <= t) releaseHold(state, hold, 'lapsed', t);
}

export function release(state: ModelState, { holdId }: Command<'ReleaseHold'>, t: number): Objection {
  const hold = state.holds.get(holdId);
  if (hold === undefined) return refusal('hold.not_found');
  if (hold.state !== 'open') return refusal('hold.closed');
  releaseHold(state, hold, 'closed', t);
  return undefined;
}

/** Never strands a run that is done: the hold's own parts pay first, then burn order; the rest is uncollected. */
export function settle(
  state: ModelState,
  command: Command<'ChargePrompt'>,
  t: number,
  terms: ModelTerms,
): Objection {
  const hold = state.holds.get(command.holdId!);
  if (hold === undefined) return refusal('hold.not_found');
  if (hold.state === 'closed') return refusal('hold.closed');
  if (state.runs.has(command.runId)) return refusal('run.already_charged');
  if (t > hold.expiresAt + LATE_SETTLE_MS) return refusal('hold.expired');
  const run = { payer: command.userId, ...command };
  const same =
    hold.runId === command.runId &&
    hold.model === command.model &&
    hold.purpose === command.purpose &&
    hold.byok === command.byok &&
    hold.creatorId === command.creatorId;
  if (!same || feeOf(run) > hold.creatorFee) return refusal('request.invalid');

  const price = priceOf(run, hold.terms);
  const wasOpen = hold.state === 'open';
  hold.state = 'closed';
  const reservedAllowance = wasOpen ? hold.allowance : 0n;
  const covered = coveredOf(price);
  const left = allowanceLeft(state, terms.plansAt(t));
  const allowance = smaller(covered, left > reservedAllowance ? left : reservedAllowance);
  let rest = totalOf(price) - allowance;
  const draws: Part[] = [];
  const draw = (parts: readonly Part[]): void => {
    spend(state, parts);
    for (const part of parts) {
      rest -= part.amount;
      const earlier = draws.find(({ lot }) => lot === part.lot);
      if (earlier === undefined) draws.push({ ...part });
      else earlier.amount += part.amount;
    }
  };
  if (wasOpen)
    for (const { lot, amount } of hold.parts) draw([{ lot, amount: smaller(amount, rest) }].filter(isSome));
  draw(partsFor(state, rest, t));
  // The lapse of its hold has given its count back; it took place after all.
  if (!wasOpen && command.purpose === 'test') state.testRuns += 1;
  state.uncollected += rest;
  state.allowanceUsed += allowance;
  expireLots(state, t);
  state.runs.set(
    command.runId,
    chargeOf(state, command.creatorId, price, t, { draws, allowance, uncollected: rest }),
  );
  state.happened += 1;
  return undefined;
}

const isSome = ({ amount }: Part): boolean => amount > 0n;
