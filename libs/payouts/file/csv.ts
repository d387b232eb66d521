/** What a spreadsheet would take for a formula, or a bank's parser for something else. */
const DANGEROUS = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;
const CENTS_PER_DOLLAR = 100n;
const CENT_DIGITS = 2;

/** A cell as text: what would be read as a formula gets an apostrophe before it (RFC 4180 otherwise). */
export function csvCell(text: string): string {
  const safe = DANGEROUS.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvRow = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** `1234` is `12.34`. */
export const dollars = (cents: bigint): string =>
  `${cents / CENTS_PER_DOLLAR}.${(cents % CENTS_PER_DOLLAR).toString().padStart(CENT_DIGITS, '0')}`;

/** Columns of a file of bank transfers: ids are ours, `destination` is the account as finance has recorded it. */
export const FILE_HEADER = ['payout_id', 'creator_id', 'destination', 'amount', 'currency'] as const;

export interface FileLine {
  readonly payoutId: string;
  readonly creatorId: string;
  readonly destination: string;
  readonly amountCents: bigint;
  readonly currency: string;
}

/** The same lines give the same bytes, in whatever order they come. */
export function fileText(lines: readonly FileLine[]): string {
  const sorted = [...lines].sort(
    (a, b) => compare(a.creatorId, b.creatorId) || compare(a.payoutId, b.payoutId),
  );
  return [
    csvRow(FILE_HEADER),
    ...sorted.map(({ payoutId, creatorId, destination, amountCents, currency }) =>
      csvRow([payoutId, creatorId, destination, dollars(amountCents), currency]),
    ),
  ].join('');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
