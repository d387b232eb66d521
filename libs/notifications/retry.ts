const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses before the second, third, ... try; after the last one it is given up. */
export type Schedule = readonly number[];

/** As the Standard Webhooks advise: ten tries over three days and a little. */
export const WEBHOOK_SCHEDULE: Schedule = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** A mailbox that is full, a server that greylists: eight tries over two days and a half. */
export const MAIL_SCHEDULE: Schedule = [
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  8 * HOUR_MS,
  24 * HOUR_MS,
  24 * HOUR_MS,
];

/** A pause is longer by up to this part of it, so that what failed together does not come together again. */
const JITTER = 0.2;

/** Milliseconds until the next try; undefined when there is none. `random` is from 0 to 1. */
export function pauseAfter(
  schedule: Schedule,
  attempts: number,
  random: () => number = Math.random,
): number | undefined {
  const pause = schedule[attempts - 1];
  return pause === undefined ? undefined : Math.round(pause * (1 + JITTER * random()));
}
