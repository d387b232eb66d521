import { formatUsd } from '#libs/kernel/credits.js';

/** What one notification says, before it becomes a line in the app, plain text or HTML. */
export interface Text {
  /** One line: the subject of a mail. */
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Label and value, one a line. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

const THOUSANDS = /\B(?=(\d{3})+$)/g;

/** `4,998,448 credits ($4.998448)`: to the last credit, never rounded. */
export function creditsText(amount: string): string {
  const credits = BigInt(amount);
  const digits = amount.replace(THOUSANDS, ',');
  return `${digits} ${credits === 1n ? 'credit' : 'credits'} (${formatUsd(credits)})`;
}

/** `20 November 2026, 16:00 UTC`. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  return `${dayText(iso)}, ${time.toISOString().slice(11, 16)} UTC`;
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** `20 November 2026`. */
export const dayText = (iso: string): string => DAY.format(new Date(iso));

/** `1 run`, `2 runs`, `10,000 runs`. */
export const countText = (count: number, one: string): string =>
  `${String(count).replace(THOUSANDS, ',')} ${one}${count === 1 ? '' : 's'}`;
