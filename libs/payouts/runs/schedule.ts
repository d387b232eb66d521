import { assertNever } from '#libs/kernel/assert-never.js';
import { periodStart } from '#libs/kernel/period.js';

export type PayoutSchedule = 'daily' | 'weekly' | 'monthly';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday after the epoch, which was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** First millisecond (UTC) of the period that holds `t`: a day, a week from Monday on, a calendar month. */
export function scheduleStart(schedule: PayoutSchedule, t: number): number {
  switch (schedule) {
    case 'daily':
      return Math.floor(t / DAY_MS) * DAY_MS;
    case 'weekly':
      return Math.floor((t - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
    case 'monthly':
      return periodStart(t);
    default:
      return assertNever(schedule);
  }
}

/** The day that begins at `start`, for example `2026-11-01`. */
const dayText = (start: number): string => new Date(start).toISOString().slice(0, 10);

/** Names a scheduled run: there is one of each. */
export const scheduledRunId = (schedule: PayoutSchedule, start: number): string =>
  `${schedule}-${dayText(start)}`;
