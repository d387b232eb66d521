import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics } from 'prom-client';
import { openPools } from '../postgres.js';
import type { Metrics } from './metrics.js';

const NANOSECONDS = 1e9;
/** How finely the delay of the event loop is measured, ms. */
const RESOLUTION_MS = 20;
const QUANTILES = [0.5, 0.99] as const;
const PERCENT = 100;

/** What each thread has of its own: an event loop, a heap, pools of database connections. */
export function watchThread(metrics: Metrics, thread: 'main' | 'background'): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  metrics.gauge({
    name: 'ledger_event_loop_delay_seconds',
    help: 'How late timers of the thread came since the metrics were last asked for: half of them, 99 % and the latest (1).',
    labels: ['thread', 'quantile'],
    read: () => {
      // Without a sample, right after a reset, the figures are those of an empty histogram.
      const late = (nanoseconds: number): number =>
        delay.count === 0 ? 0 : Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000);
      const samples = [
        ...QUANTILES.map((quantile) => ({
          labels: { thread, quantile: String(quantile) },
          value: late(delay.percentile(quantile * PERCENT)),
        })),
        { labels: { thread, quantile: '1' }, value: late(delay.max) },
      ];
      delay.reset();
      return samples;
    },
  });
  metrics.gauge({
    name: 'ledger_heap_bytes',
    help: 'JavaScript heap of the thread: used now, and the most it may use.',
    labels: ['thread', 'kind'],
    read: () => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return [
        { labels: { thread, kind: 'used' }, value: used },
        { labels: { thread, kind: 'limit' }, value: limit },
      ];
    },
  });
  metrics.gauge({
    name: 'ledger_postgres_pool_connections',
    help: 'Connections of each pool to Postgres: busy, idle, and questions waiting for one.',
    labels: ['pool', 'state'],
    read: () => poolSamples(),
  });
}

/** Pools of one name count together. */
function poolSamples(): { labels: { pool: string; state: string }; value: number }[] {
  const byName = new Map<string, { busy: number; idle: number; waiting: number }>();
  for (const { name, pool } of openPools()) {
    const sum = byName.get(name) ?? { busy: 0, idle: 0, waiting: 0 };
    sum.busy += pool.totalCount - pool.idleCount;
    sum.idle += pool.idleCount;
    sum.waiting += pool.waitingCount;
    byName.set(name, sum);
  }
  return [...byName].flatMap(([pool, states]) =>
    Object.entries(states).map(([state, value]) => ({ labels: { pool, state }, value })),
  );
}

/** What the process has once: its program, processor time, memory, file descriptors. */
export function watchProcess(metrics: Metrics, { version }: { readonly version: string }): void {
  collectDefaultMetrics({ register: metrics.registry });
  metrics.gauge({
    name: 'ledger_build_info',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'node'],
    read: () => [{ labels: { version, node: process.version }, value: 1 }],
  });
}
