/** Months by their names: `2026-11` sorts before `2026-12`. Times are milliseconds since the epoch. */
export const month = (t: number): string => new Date(t).toISOString().slice(0, 7);

export const monthStart = (t: number): number => Date.parse(`${month(t)}-01`);

/** First millisecond of the month after `t`, found from its name. */
export function nextMonth(t: number): number {
  const [year, number] = month(t).split('-').map(Number) as [number, number];
  const name = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return Date.parse(`${name}-01`);
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
