import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/port.js';
import type { RoleHealth, RoleMonitor, RoleState } from '#libs/platform/metrics/role-monitor.js';
import type { ProjectionState, ProjectionStatus } from '#libs/projection-runner/status.js';
import { readBooksSummary } from '#projections/journal/queries.js';

export interface ProjectorWatchOptions {
  readonly monitor: RoleMonitor;
  readonly store: Pick<EventStore, 'head'>;
  /** To read the books by. */
  readonly pool: Pool;
  readonly status: () => readonly ProjectionStatus[];
}

/** Adding up every account costs a moment when there are millions: not more often than this. */
const BOOKS_EVERY_MS = 30_000;
const HEAD_MS_MAX = 1_000;
const STATES: readonly ProjectionState[] = [
  'starting',
  'standby',
  'live',
  'rebuilding',
  'failing',
  'stopped',
];

/** Tells how the read models of this process are doing. */
export function watchProjector(options: ProjectorWatchOptions): void {
  const { monitor, status } = options;
  monitor.onHealth(() => projectorHealth(status()));
  watchLag(options);
  watchBooks(options);
}

function watchLag({ monitor: { metrics }, store, status }: ProjectorWatchOptions): void {
  const followed = (): readonly ProjectionStatus[] => status().filter(({ state }) => state !== 'standby');
  metrics.gauge({
    name: 'ledger_projection_state',
    help: 'The state that each view of this process is in: 1, its other states 0.',
    labels: ['view', 'state'],
    read: () =>
      status().flatMap((view) =>
        STATES.map((state) => ({ labels: { view: view.name, state }, value: view.state === state ? 1 : 0 })),
      ),
  });
  metrics.gauge({
    name: 'ledger_projection_behind_seconds',
    help: 'Age of the newest event that the view shows while newer ones wait; 0 at the end of the log. Standby views have no value.',
    labels: ['view'],
    read: () => followed().map(({ name, behindMs }) => ({ labels: { view: name }, value: behindMs / 1_000 })),
  });
  metrics.gauge({
    name: 'ledger_projection_behind_positions',
    help: 'Head of the log minus position of the view: numbers of events on Postgres, bytes of its log on EventStoreDB. Only 0 means the same on both.',
    labels: ['view'],
    read: async () => {
      const head = await within(store.head());
      return followed().flatMap(({ name, position }) =>
        position === undefined
          ? []
          : [{ labels: { view: name }, value: position > head ? 0 : Number(head - position) }],
      );
    },
  });
  metrics.gauge({
    name: 'ledger_projection_failures',
    help: 'Attempts of the view that failed one after another.',
    labels: ['view'],
    read: () => status().map(({ name, failures }) => ({ labels: { view: name }, value: failures })),
  });
}

interface Books {
  readonly total: number;
  readonly clearingOpen: number;
}

/** One process tells of the books: the one that writes them. */
function watchBooks({ monitor: { metrics }, pool, status }: ProjectorWatchOptions): void {
  let asked = -Infinity;
  let answer: Promise<Books> | undefined;
  const books = async (): Promise<Books | undefined> => {
    if (!status().some(({ name, state }) => name === 'journal' && state === 'live')) return undefined;
    if (performance.now() - asked > BOOKS_EVERY_MS) {
      asked = performance.now();
      answer = readBooks(pool);
      // Whoever reads the figure hears of it; nobody may be asking just now.
      answer.catch(() => (asked = -Infinity));
    }
    return answer;
  };
  metrics.gauge({
    name: 'ledger_trial_balance_credits',
    help: 'Sum of all accounts, credits positive, debits negative: 0, or the books are wrong. Read at most every 30 s.',
    read: async () => only((await books())?.total),
  });
  metrics.gauge({
    name: 'ledger_clearing_accounts_open',
    help: "Accounts of creators' shares that were charged and not yet settled. Read at most every 30 s.",
    read: async () => only((await books())?.clearingOpen),
  });
}

async function readBooks(pool: Pool): Promise<Books> {
  const { total, clearingOpen } = (await readBooksSummary(pool)).value;
  return { total: Number(total), clearingOpen };
}

const only = (value: number | undefined): { value: number }[] => (value === undefined ? [] : [{ value }]);

/** Of all views together: it leads where it leads one. */
export function projectorHealth(views: readonly ProjectionStatus[]): RoleHealth {
  const held = views.filter(({ state }) => state === 'failing' || state === 'stopped');
  return {
    state: stateOf(views),
    problems: held.map(({ name, state, failures, lastError }) =>
      state === 'stopped'
        ? `view ${name} has stopped: ${lastError?.message ?? 'no reason known'}`
        : `view ${name} has failed ${failures} times and tries again: ${lastError?.message ?? 'no reason known'}`,
    ),
    details: Object.fromEntries(
      views.map(({ name, state, behindMs }) => [
        name,
        state === 'live' ? `live, ${(behindMs / 1_000).toFixed(1)} s behind` : state,
      ]),
    ),
  };
}

function stateOf(views: readonly ProjectionStatus[]): RoleState {
  const has = (state: ProjectionState): boolean => views.some((view) => view.state === state);
  if (has('stopped')) return 'stopped';
  if (has('failing')) return 'failing';
  if (has('live') || has('rebuilding')) return 'working';
  return has('standby') ? 'standby' : 'starting';
}

/** A figure that takes longer than Prometheus waits is none. */
async function within<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The store does not answer in time.')), HEAD_MS_MAX);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
