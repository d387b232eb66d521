export interface MetricOptions<Label extends string> {
  /** In Prometheus' form: `ledger_…`, seconds and bytes as units, `_total` behind a counter. */
  readonly name: string;
  readonly help: string;
  /** Of few values each: roles, views, results. */
  readonly labels?: readonly Label[];
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}
