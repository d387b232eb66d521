import type { RefundParts } from '#libs/ledger/wallet/events.js';
import { COMPONENTS } from './state.js';

/**
 * The rule for spreading a refund, told without dividing (domain rules, section 4): with the running sums `S_k` of what
 * is left of the components and their total `T`, a refund of `r` takes `floor(S_k * r / T)` from the first k of them
 * together. A floor is the one whole number `n` with `n * T <= S_k * r < (n + 1) * T`.
 */
export function checkSpread(left: RefundParts, amount: bigint, parts: RefundParts): void {
  const total = sumOf(left);
  let running = 0n;
  let taken = 0n;
  for (const component of COMPONENTS) {
    running += left[component];
    taken += parts[component];
    if (parts[component] < 0n || parts[component] > left[component])
      throw new Error(`${component} gives ${parts[component]} of ${left[component]}`);
    if (taken * total > running * amount || (taken + 1n) * total <= running * amount)
      throw new Error(`Up to ${component}, ${taken} are taken of ${running}, for ${amount} of ${total}`);
  }
  if (taken !== amount) throw new Error(`A refund of ${amount} takes ${taken}`);
}

/**
 * The same once more, credit by credit: lay out all that is left in a row, component after component, and let the
 * refund walk along it like a line of slope `r / T`; whenever it has climbed a whole credit, the credit below is given
 * back. Slow, so only for small charges.
 */
export function countedSpread(left: RefundParts, amount: bigint): RefundParts {
  const parts = { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare: 0n };
  const total = Number(sumOf(left));
  let height = 0;
  for (const component of COMPONENTS) {
    for (let credit = 0; credit < Number(left[component]); credit++) {
      height += Number(amount);
      if (height >= total) {
        height -= total;
        parts[component] += 1n;
      }
    }
  }
  return parts;
}

export const sumOf = (parts: RefundParts): bigint =>
  COMPONENTS.reduce((sum, component) => sum + parts[component], 0n);
