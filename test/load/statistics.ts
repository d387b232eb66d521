/** Middle value; of an even number the upper of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** Lowest and highest. */
export const spread = (values: readonly number[], digits = 2): [number, number] => [
  rounded(Math.min(...values), digits),
  rounded(Math.max(...values), digits),
];

/** Median and spread of the rounds of one side. */
export const ratioFigures = (
  ratios: readonly number[],
): { ratio: number; ratioSpread: [number, number] } => ({
  ratio: rounded(median(ratios), 2),
  ratioSpread: spread(ratios),
});
