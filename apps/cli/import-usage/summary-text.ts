import { formatUsd } from '#libs/kernel/credits.js';
import type { Summary } from './tally.js';

/** Thousands apart, as people read them: `1234567` -> `1,234,567`. */
export const grouped = (digits: string | number | bigint): string => BigInt(digits).toLocaleString('en-US');

/** Credits with their dollars: `1,500,000 credits  $1.50`. */
export const creditsText = (credits: string): string =>
  `${grouped(credits)} credits  ${formatUsd(BigInt(credits))}`;

/** Lines of label and value, the values below each other and numbers to the right. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(cell.length, known[i] ?? 0)),
    [],
  );
  return rows.map((row) =>
    (
      indent +
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
    ).trimEnd(),
  );
}

/** The totals of charged rows, component by component. */
export function totalsTable({ totals }: Summary): string[] {
  const row = (label: string, credits: string): readonly string[] => [
    label,
    grouped(credits),
    formatUsd(BigInt(credits)),
  ];
  return table([
    ['', 'credits', 'dollars'],
    row('inference', totals.inference),
    row('platform markup', totals.markup),
    row('creator fees', totals.creatorFee),
    row("  creators' share", totals.creatorShare),
    row("  platform's share", totals.platformShare),
    row('charged in all', totals.total),
  ]);
}

/** What an import did, for people. */
export function summaryText(summary: Summary, { rejectsPath }: { readonly rejectsPath?: string }): string {
  const { rows, charged, alreadyCharged, differs, refused, malformed, seconds } = summary;
  const problem = (count: number, label: string): (readonly string[])[] =>
    count === 0 ? [] : [[label, grouped(count)]];
  return [
    `${grouped(rows)} rows in ${seconds.toFixed(1)} s`,
    ...table([
      ['charged now', grouped(charged)],
      ['already charged', grouped(alreadyCharged)],
      ...problem(differs, 'differs: charged before on other terms'),
      ...problem(refused, 'refused'),
      ...problem(malformed, 'malformed'),
    ]),
    'Total of the rows that are now charged',
    ...totalsTable(summary),
    ...(rejectsPath === undefined ? [] : [`Rows that are not charged as the file says: ${rejectsPath}`]),
  ].join('\n');
}
