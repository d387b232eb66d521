import { type Credits, minCredits } from '#libs/kernel/credits.js';
import type { LotDraw, PromptCharged, FlowUnlocked } from '../wallet/events.js';
import type { Funding } from './events.js';

const ORIGINS = ['purchased', 'promo', 'monthly', 'adjustment', 'legacy'] as const;

/**
 * How the creator's share of a charge or unlock was funded. The share is spread over the origins of the lots drawn
 * by running floors, so the parts are whole and sum to the share. Where lots did not pay the whole creator fee, the
 * shortfall of a settled run comes next (nobody paid), and what is left was covered by an allowance.
 */
export function fundingOf(event: PromptCharged | FlowUnlocked): Funding {
  const { fee, short } =
    event.type === 'PromptCharged'
      ? { fee: event.creatorFee, short: event.uncollected }
      : { fee: event.price, short: 0n };
  const byOrigin = ORIGINS.map((origin) => sumOf(event.draws, origin));
  const drawn = byOrigin.reduce((sum, part) => sum + part, 0n);
  const unpaid = drawn < fee ? fee - drawn : 0n;
  const unfunded = minCredits(unpaid, short);
  const weights = [...byOrigin, unpaid - unfunded, unfunded];
  const [purchased, promo, monthly, adjustment, legacy, allowance, uncollected] = spread(
    event.creatorShare,
    weights,
  );
  return {
    purchased: purchased ?? 0n,
    promo: promo ?? 0n,
    monthly: monthly ?? 0n,
    adjustment: adjustment ?? 0n,
    legacy: legacy ?? 0n,
    allowance: allowance ?? 0n,
    uncollected: uncollected ?? 0n,
  };
}

function sumOf(draws: readonly LotDraw[], origin: LotDraw['origin']): Credits {
  return draws.reduce((sum, draw) => (draw.origin === origin ? sum + draw.amount : sum), 0n);
}

/** `amount` over `weights`: `part_k = floor(S_k * amount / T) - floor(S_(k-1) * amount / T)`. */
function spread(amount: Credits, weights: readonly Credits[]): Credits[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n) return weights.map(() => 0n);
  let running = 0n;
  let given = 0n;
  return weights.map((weight) => {
    running += weight;
    const upTo = (running * amount) / total;
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
