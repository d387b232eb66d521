/** A period is a calendar month UTC, half-open: `[start, end)`. All times are milliseconds since the epoch. */

const startCache = { from: 0, to: 0 };

/** First millisecond of the month that holds `t`. */
export function periodStart(t: number): number {
  // Nearly every call asks about the same month: remember its bounds instead of building two dates.
  if (t < startCache.from || t >= startCache.to) {
    const date = new Date(t);
    startCache.from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    startCache.to = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return startCache.from;
}

/** First millisecond after the month that holds `t`. */
export function periodEnd(t: number): number {
  periodStart(t);
  return startCache.to;
}

/** The month that holds `t`, as `2026-11`. */
export function periodName(t: number): string {
  return new Date(periodStart(t)).toISOString().slice(0, 7);
}
