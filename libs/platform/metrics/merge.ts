import { AggregatorRegistry, type PrometheusContentType } from 'prom-client';
import type { Metrics } from './metrics.js';

/** The metrics of one thread as they may be sent to another. */
export type MetricsSnapshot = readonly object[];

export async function snapshotOf(metrics: Metrics): Promise<MetricsSnapshot> {
  // What cannot be cloned, such as the way to collect, is not part of it.
  return JSON.parse(JSON.stringify(await metrics.snapshot())) as object[];
}

/** Prometheus' text of what several threads of one process measured; equal names and labels are added up. */
export async function mergedText(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate<PrometheusContentType>([...snapshots]).metrics();
}
