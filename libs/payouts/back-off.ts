const FIRST_MS = 1_000;
const MAX_MS = 3_600_000;
/** 2^12 s is past the longest pause already; more would leave the range of exact numbers. */
const DOUBLINGS_MAX = 12;

export interface Pauses {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds until the next try: doubled each time up to an hour, less up to a quarter, so that those who failed
 * together do not come back together. `random` lies in [0, 1).
 */
export function pauseMs(
  tries: number,
  random: number,
  { firstMs, maxMs }: Pauses = { firstMs: FIRST_MS, maxMs: MAX_MS },
): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(tries - 1, 0), DOUBLINGS_MAX));
  return Math.round(whole * (1 - random / 4));
}
