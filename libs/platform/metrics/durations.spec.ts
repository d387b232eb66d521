import { Histogram, Registry } from 'prom-client';
import { mergedText, snapshotOf } from './merge.js';
import { Metrics } from './metrics.js';

const TOLD = { name: 'ledger_time_seconds', help: 'Time.', labels: ['kind'], buckets: [0.1, 1] } as const;
const SEEN = [0.05, 0.1, 0.2, 1, 3];

test("shows what prom-client's own histogram would show of the same", async () => {
  const registry = new Registry();
  const theirs = new Histogram({
    name: TOLD.name,
    help: TOLD.help,
    labelNames: TOLD.labels,
    buckets: [...TOLD.buckets],
    registers: [registry],
  });
  const metrics = new Metrics();
  const cell = metrics.durations(TOLD).cell({ kind: 'a' });
  for (const seconds of SEEN) {
    theirs.observe({ kind: 'a' }, seconds);
    cell.observe(seconds);
  }
  const lines = (text: string): string[] => text.trim().split('\n').sort();
  expect(lines(await mergedText([await snapshotOf(metrics)]))).toEqual(lines(await registry.metrics()));
});

test('threads add up', async () => {
  const snapshots = [];
  for (const seconds of SEEN) {
    const metrics = new Metrics();
    metrics.durations(TOLD).cell({ kind: 'a' }).observe(seconds);
    snapshots.push(await snapshotOf(metrics));
  }
  const text = await mergedText(snapshots);
  expect(text).toContain('ledger_time_seconds_bucket{le="0.1",kind="a"} 2');
  expect(text).toContain('ledger_time_seconds_bucket{le="+Inf",kind="a"} 5');
  expect(text).toContain('ledger_time_seconds_count{kind="a"} 5');
});

test('a name is taken once', () => {
  const metrics = new Metrics();
  metrics.durations(TOLD);
  expect(() => metrics.durations(TOLD)).toThrow(/ledger_time_seconds exists already/);
});
