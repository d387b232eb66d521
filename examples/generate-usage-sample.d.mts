/** The whole text of usage-sample.csv. */
export function usageSample(): string;
