import { type Credits, maxCredits, minCredits } from '#libs/kernel/credits.js';
import type { LotDraw, PromptCharged, RefundParts } from './events.js';

/** In the order in which a refund runs through them (domain rules, section 4). */
const COMPONENTS = ['inference', 'markup', 'byokFee', 'platformShare', 'creatorShare'] as const;

export type RefundSpread =
  | {
      readonly kind: 'spread';
      readonly amount: Credits;
      readonly parts: RefundParts;
      /** Sums over all refunds of the charge, this one included. */
      readonly refunded: RefundParts;
    }
  | { readonly kind: 'exceeds'; readonly remaining: Credits };

/**
 * Spreads a refund over what is left of a charge's components. With running sums S_k of these and their total T,
 * `part_k = floor(S_k * amount / T) - floor(S_(k-1) * amount / T)`: whole parts, none above its component, summing to
 * the amount. Without an amount all that is left is refunded.
 */
export function spreadRefund(charge: RefundParts, before: RefundParts, wanted?: Credits): RefundSpread {
  const left = COMPONENTS.map((component) => charge[component] - before[component]);
  const remaining = left.reduce((sum, part) => sum + part, 0n);
  const amount = wanted ?? remaining;
  if (remaining === 0n || amount > remaining) return { kind: 'exceeds', remaining };
  const parts: Record<keyof RefundParts, Credits> = { ...before };
  const refunded: Record<keyof RefundParts, Credits> = { ...before };
  let running = 0n;
  let given = 0n;
  COMPONENTS.forEach((component, i) => {
    running += left[i]!;
    const upTo = (running * amount) / remaining;
    parts[component] = upTo - given;
    refunded[component] = before[component] + parts[component];
    given = upTo;
  });
  return { kind: 'spread', amount, parts, refunded };
}

export interface PayingSide {
  readonly uncollected: Credits;
  /** Last drawn first. */
  readonly draws: readonly LotDraw[];
  readonly allowance: Credits;
}

/**
 * Who gets a refund back: first what nobody had paid is cancelled, then the lots are restored, last drawn first, then
 * the allowance. It depends on nothing but the sum refunded before.
 */
export function payingSide(
  charge: Pick<PromptCharged, 'uncollected' | 'draws' | 'allowance'>,
  refundedBefore: Credits,
  amount: Credits,
): PayingSide {
  let passed = 0n;
  /** The part of the next `size` credits that lies between what was refunded before and after. */
  const take = (size: Credits): Credits => {
    const from = maxCredits(passed, refundedBefore);
    const to = minCredits(passed + size, refundedBefore + amount);
    passed += size;
    return maxCredits(to - from, 0n);
  };
  const uncollected = take(charge.uncollected);
  const draws = charge.draws
    .toReversed()
    .map((draw) => ({ ...draw, amount: take(draw.amount) }))
    .filter((draw) => draw.amount > 0n);
  return { uncollected, draws, allowance: take(charge.allowance) };
}
