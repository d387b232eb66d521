import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A value of a metric that is read when it is asked for. Labels never hold ids or other personal data. */
export interface Sample<Label extends string> {
  readonly labels?: Readonly<Record<Label, string>>;
  readonly value: number;
}

export interface MetricOptions<Label extends string> {
  /** In Prometheus' form: `ledger_…`, seconds and bytes as units, `_total` behind a counter. */
  readonly name: string;
  readonly help: string;
  /** Of few values each: roles, views, results. */
  readonly labels?: readonly Label[];
}

export interface ReadMetricOptions<Label extends string> extends MetricOptions<Label> {
  /**
   * Gives all values each time the metrics are asked for; what it throws leaves the metric without values that time.
   * For a counter: the totals so far.
   */
  readonly read?: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>;
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

/**
 * The metrics of one thread. Asked for the same name again it gives the same metric, with the newest `read`: a role
 * that is started again goes on with its own.
 */
export class Metrics {
  readonly registry = new Registry();
  private readonly reads = new Map<string, () => Promise<void>>();

  counter<Label extends string = never>(options: ReadMetricOptions<Label>): Counter<Label> {
    const counter = this.once(options, (config) => new Counter(config), Counter<Label>);
    this.readBy(options, counter, ({ labels, value }) => counter.inc(labels ?? {}, value));
    return counter;
  }

  gauge<Label extends string = never>(options: ReadMetricOptions<Label>): Gauge<Label> {
    const gauge = this.once(options, (config) => new Gauge(config), Gauge<Label>);
    this.readBy(options, gauge, ({ labels, value }) => gauge.set(labels ?? {}, value));
    return gauge;
  }

  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label> {
    const buckets = [...options.buckets];
    return this.once(options, (config) => new Histogram({ ...config, buckets }), Histogram<Label>);
  }

  private once<Label extends string, M extends Counter<Label> | Gauge<Label> | Histogram<Label>>(
    { name, help, labels = [] }: MetricOptions<Label>,
    make: (config: {
      readonly name: string;
      readonly help: string;
      readonly labelNames: readonly Label[];
      readonly registers: Registry[];
      readonly collect: () => Promise<void>;
    }) => M,
    kind: abstract new (...args: never) => M,
  ): M {
    const known = this.registry.getSingleMetric<Label>(name);
    if (known === undefined) {
      const collect = async (): Promise<void> => this.reads.get(name)?.();
      return make({ name, help, labelNames: labels, registers: [this.registry], collect });
    }
    if (known instanceof kind) return known;
    throw new Error(`The metric ${name} exists already as one of another kind.`);
  }

  private readBy<Label extends string>(
    { name, labels = [], read }: ReadMetricOptions<Label>,
    metric: { reset(): void; remove(): void },
    take: (sample: Sample<Label>) => void,
  ): void {
    if (read === undefined) return;
    this.reads.set(name, async () => {
      // A figure that cannot be had must not take the others with it; its absence is what tells.
      const samples = await Promise.resolve()
        .then(read)
        .catch(() => []);
      metric.reset();
      // Without labels it would now stand at 0, which somebody might believe.
      if (labels.length === 0) metric.remove();
      samples.forEach(take);
    });
  }
}
