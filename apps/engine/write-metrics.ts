import type { WriteObserver } from '#libs/application/write-observer.js';
import type { DurationCell } from '#libs/platform/metrics/durations.js';
import type { Metrics } from '#libs/platform/metrics/metrics.js';

const MS_PER_SECOND = 1_000;
/** Seconds; what is answered within them, from a charge alone to one behind a full queue. */
const ANSWER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const APPEND_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Counts what executors do. Commands are named by type: of those there are as many as the program has. */
export function writeMetrics(metrics: Metrics): WriteObserver {
  const commands = metrics.durations({
    name: 'ledger_command_duration_seconds',
    help: 'Commands by type and result: from the moment one was queued to its answer.',
    labels: ['command', 'result'],
    buckets: ANSWER_BUCKETS,
  });
  const appends = metrics.durations({
    name: 'ledger_append_duration_seconds',
    help: 'Appends to the log that were confirmed, tries repeated after an unknown outcome included.',
    buckets: APPEND_BUCKETS,
  });
  const events = metrics.counter({
    name: 'ledger_appended_events_total',
    help: 'Events that this process has written to the log.',
  });
  const conflicts = metrics.counter({
    name: 'ledger_append_conflicts_total',
    help: 'Appends refused because another process had moved the stream; decided again, nobody notices.',
  });
  const unknown = metrics.counter({
    name: 'ledger_append_unknown_outcomes_total',
    help: 'Tries to append whose outcome was unknown (time-out, lost connection); each is repeated until it is known.',
  });
  const cells = new Map<string, Map<string, DurationCell>>();
  const cellOf = (command: string, result: string): DurationCell => {
    const known = cells.get(command)?.get(result);
    if (known) return known;
    const cell = commands.cell({ command, result });
    cells.set(command, (cells.get(command) ?? new Map<string, DurationCell>()).set(result, cell));
    return cell;
  };
  const appended = appends.cell({});
  return {
    answered: (command, result, ms) => cellOf(command, result).observe(ms / MS_PER_SECOND),
    appended: (count, ms) => {
      appended.observe(ms / MS_PER_SECOND);
      events.inc(count);
    },
    conflicted: () => conflicts.inc(),
    doubted: () => unknown.inc(),
  };
}
