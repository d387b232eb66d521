import { CREDITS_PER_CENT, type Credits } from '#libs/kernel/credits.js';
import { type CreatorTerms, DAY_MS } from './terms.js';

/** First millisecond of the day (UTC) that holds `t`. */
export const dayStart = (t: number): number => Math.floor(t / DAY_MS) * DAY_MS;

/** When what was earned on the day that begins at `day` can be paid out: all of it has then waited long enough. */
export const maturesAt = (day: number, { holdingPeriodMs }: CreatorTerms): number =>
  day + DAY_MS + holdingPeriodMs;

/** What was earned on one day (UTC), less what refunds took back of it. */
export interface DayOfEarnings {
  /** First millisecond of the day. */
  readonly day: number;
  readonly net: Credits;
}

/** What the events say, whatever the time is: folded state and read model alike. */
export interface EarningsBooks {
  readonly days: Iterable<DayOfEarnings>;
  /** Payouts requested or sent. */
  readonly inPayout: Credits;
  /** Payouts settled. */
  readonly paid: Credits;
}

/** `earned = accrued + payable + inPayout + paid`, always. All in credits. */
export interface Earnings {
  /** Shares of charges and unlocks less those of refunds. */
  readonly earned: Credits;
  /** Within the holding period; never negative. */
  readonly accrued: Credits;
  /** Can be paid out. Negative after refunds of what was paid out already: later earnings make up for it. */
  readonly payable: Credits;
  readonly inPayout: Credits;
  readonly paid: Credits;
  /** When the next day's earnings become payable; absent when nothing is accrued. */
  readonly nextMaturityAt?: number;
}

/**
 * Splits earnings at the time `t` (domain rules, section 4). Maturity posts nothing: a day's earnings are payable once
 * the holding period has passed since the day's end. A reversal takes its own day's earnings, then what has matured,
 * then goes negative.
 */
export function splitEarnings(books: EarningsBooks, t: number, terms: CreatorTerms): Earnings {
  let earned = 0n;
  let accrued = 0n;
  let next: number | undefined;
  for (const { day, net } of books.days) {
    earned += net;
    const due = maturesAt(day, terms);
    // More taken back than its day had: the rest comes off what has matured.
    if (due <= t || net <= 0n) continue;
    accrued += net;
    if (next === undefined || due < next) next = due;
  }
  const { inPayout, paid } = books;
  return {
    earned,
    accrued,
    payable: earned - accrued - inPayout - paid,
    inPayout,
    paid,
    ...(next === undefined ? {} : { nextMaturityAt: next }),
  };
}

/** Money leaves in whole cents; the rest of a cent stays owed. */
export const wholeCents = (amount: Credits): Credits => amount - (amount % CREDITS_PER_CENT);
