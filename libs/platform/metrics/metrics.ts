import { Counter, Gauge, Registry } from 'prom-client';
import { Durations } from './durations.js';
import type { HistogramOptions, MetricOptions } from './metric-options.js';

/** A value of a metric that is read when it is asked for. Labels never hold ids or other personal data. */
export interface Sample<Label extends string> {
  readonly labels?: Readonly<Record<Label, string>>;
  readonly value: number;
}

export interface ReadMetricOptions<Label extends string> extends MetricOptions<Label> {
  /** Whose values `read` gives, where several parts of the program share a metric: each replaces its own alone. */
  readonly of?: string;
  /**
   * Gives all values each time the metrics are asked for; what it throws leaves the metric without values that time.
   * For a counter: the totals so far.
   */
  readonly read?: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>;
}

/**
 * The metrics of one thread. Asked for the same name again it gives the same metric, with the newest `read`: a role
 * that is started again goes on with its own.
 */
export class Metrics {
  readonly registry = new Registry();
  private readonly measured = new Map<string, { snapshot(): object }>();
  /** By metric and by whose values they give. */
  private readonly reads = new Map<string, Map<string, () => Promise<readonly Sample<string>[]>>>();

  counter<Label extends string = never>(options: ReadMetricOptions<Label>): Counter<Label> {
    const counter = this.once(options, (config) => new Counter(config), Counter<Label>);
    this.readBy(options);
    return counter;
  }

  gauge<Label extends string = never>(options: ReadMetricOptions<Label>): Gauge<Label> {
    const gauge = this.once(options, (config) => new Gauge(config), Gauge<Label>);
    this.readBy(options);
    return gauge;
  }

  /** For what is measured so often that it must cost next to nothing. The name must be new. */
  durations<Label extends string = never>(options: HistogramOptions<Label>): Durations<Label> {
    const durations = new Durations(options);
    if (this.registry.getSingleMetric(options.name) || this.measured.has(options.name))
      throw new Error(`The metric ${options.name} exists already.`);
    this.measured.set(options.name, durations);
    return durations;
  }

  /** All metrics with their values, as prom-client gives them. */
  async snapshot(): Promise<readonly object[]> {
    const own = [...this.measured.values()].map((durations) => durations.snapshot());
    return [...(await this.registry.getMetricsAsJSON()), ...own];
  }

  private once<Label extends string, M extends Counter<Label> | Gauge<Label>>(
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
      const collect = async (): Promise<void> => {
        const reads = this.reads.get(name);
        if (reads === undefined) return;
        const samples = (await Promise.all([...reads.values()].map((read) => read()))).flat();
        replaceValues(made, labels, samples);
      };
      const made = make({ name, help, labelNames: labels, registers: [this.registry], collect });
      return made;
    }
    if (known instanceof kind) return known;
    throw new Error(`The metric ${name} exists already as one of another kind.`);
  }

  private readBy<Label extends string>({ name, of = '', read }: ReadMetricOptions<Label>): void {
    if (read === undefined) return;
    const reads = this.reads.get(name) ?? new Map<string, () => Promise<readonly Sample<string>[]>>();
    this.reads.set(name, reads);
    // A figure that cannot be had must not take the others with it; its absence is what tells.
    reads.set(of, () =>
      Promise.resolve()
        .then(read)
        .catch(() => []),
    );
  }
}

function replaceValues(
  metric: Counter | Gauge,
  labels: readonly string[],
  samples: readonly Sample<string>[],
): void {
  metric.reset();
  // Without labels it would now stand at 0, which somebody might believe.
  if (labels.length === 0) metric.remove();
  for (const { labels: of = {}, value } of samples) {
    if (metric instanceof Gauge) metric.set(of, value);
    else metric.inc(of, value);
  }
}
