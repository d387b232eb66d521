import type { PersistentMap } from '#libs/kernel/persistent-map.js';
import type { Hold } from './state.js';

type Holds = PersistentMap<Hold>;

/**
 * No hold of the map times out before this: every command asks, and looking through thousands of open holds each time
 * would cost more than deciding it. Remembered beside the state, not in it: it can always be found out again.
 */
const noneBefore = new WeakMap<Holds, number>();

export function withHold(holds: Holds, hold: Hold): Holds {
  const known = holds.size === 0 ? Infinity : noneBefore.get(holds);
  const more = holds.with(hold.holdId, hold);
  if (known !== undefined) noneBefore.set(more, Math.min(known, hold.expiresAt));
  return more;
}

export function withoutHold(holds: Holds, holdId: string): Holds {
  const known = noneBefore.get(holds);
  const fewer = holds.without(holdId);
  if (known !== undefined) noneBefore.set(fewer, known);
  return fewer;
}

/** Holds that have timed out at `t`, in the order in which they were made. */
export function timedOut(holds: Holds, t: number): readonly Hold[] {
  if (holds.size === 0 || t < (noneBefore.get(holds) ?? -Infinity)) return [];
  const open = holds.values();
  const earliest = open.reduce((first, { expiresAt }) => Math.min(first, expiresAt), Infinity);
  noneBefore.set(holds, earliest);
  return t < earliest
    ? []
    : open.filter(({ expiresAt }) => t >= expiresAt).sort((a, b) => a.sequence - b.sequence);
}
