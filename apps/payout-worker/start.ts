import type { Pool } from 'pg';
import { createCreatorExecutor, type LongStreamPorts } from '#libs/application/write-path.js';
import type { WriteObserver } from '#libs/application/write-observer.js';
import type { EventStore } from '#libs/event-store/port.js';
import { formatPosition } from '#libs/event-store/position.js';
import { systemClock } from '#libs/kernel/clock.js';
import { creatorTermsOf, type CreatorTerms } from '#libs/ledger/creator/terms.js';
import { ConsumerWatch, together } from '#libs/messaging/consumer-watch.js';
import { openSource } from '#libs/messaging/open-source.js';
import { runConsumer } from '#libs/messaging/run-consumer.js';
import { FileProvider, type FileProviderOptions } from '#libs/payouts/file/file-provider.js';
import type { PayoutProvider } from '#libs/payouts/provider.js';
import type { StripeAccess } from '#libs/payouts/stripe/client.js';
import { StripeProvider } from '#libs/payouts/stripe/stripe-provider.js';
import { PayoutTransfers } from '#libs/payouts/transfers.js';
import type { Config } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { payablePages } from '#projections/creator-earnings/payable-queries.js';
import { payoutConsumer } from './consumer.js';
import type { Candidates } from './runs.js';
import { runPayoutWorker, type WorkerOptions } from './worker.js';

const CONNECTIONS_MAX = 10;
/** How long a scheduled run waits for the read model before it tries again a second later. */
const READ_MODEL_WAIT_MS = 5_000;

/** For tests: shorter times, and places to stop at. */
export interface PayoutWorkerHooks extends Pick<
  WorkerOptions,
  'at' | 'pauses' | 'pollMs' | 'leaseMs' | 'quietMs'
> {
  readonly stripe?: Pick<StripeAccess, 'timeoutMs'>;
  readonly file?: Pick<FileProviderOptions, 'quietMs' | 'linesMax' | 'onStep'>;
}

export interface PayoutWorkerOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** For creators with many earnings. */
  readonly longStreams: LongStreamPorts;
  readonly observer?: WriteObserver | undefined;
  readonly monitor: RoleMonitor;
  readonly hooks?: PayoutWorkerHooks;
}

/**
 * Pays creators until the signal fires. Safe beside other instances: transfers are leased row by row, commands are told
 * apart by their keys.
 */
export async function startPayoutWorker(options: PayoutWorkerOptions): Promise<void> {
  const { config, databaseUrl, store, log, signal, longStreams, monitor, observer, hooks = {} } = options;
  const pool = createPool({ url: databaseUrl, applicationName: 'ledger-payouts', max: CONNECTIONS_MAX });
  const creatorTerms = creatorTermsOf(config);
  const creators = createCreatorExecutor({ store, clock: systemClock, creatorTerms, longStreams, observer });
  const { provider, close } = openProvider(config, pool, hooks);
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const consumerWatch = watch(monitor, new PayoutTransfers(pool));
  try {
    // When one of them fails the others end too, and the role is started again.
    const parts = [
      runConsumer({
        consumer: payoutConsumer,
        source: openSource({ kafka: config.kafka, store, log }),
        databaseUrl,
        store,
        log,
        signal: over,
        onStarted: consumerWatch.onStarted,
      }),
      runPayoutWorker({
        ...timesOf(hooks),
        pool,
        databaseUrl,
        creators,
        provider,
        candidates: readModelCandidates(pool, store, creatorTerms),
        minimum: config.payoutMinimum,
        schedule: config.payouts.schedule,
        approveAtOnce: config.payouts.approval === 'automatic',
        clock: systemClock,
        signal: over,
        onTrouble: (err, about) => log.warn({ err, ...about }, 'payouts cannot go on now and try again'),
        onRun: (runId, what) => log.info({ runId }, `payout run ${what}`),
      }),
    ].map((part) => part.finally(() => ending.abort()));
    await Promise.allSettled(parts);
    await Promise.all(parts);
  } finally {
    ending.abort();
    await creators.close();
    close();
    await pool.end();
  }
}

const timesOf = ({ stripe: _stripe, file: _file, ...times }: PayoutWorkerHooks) => times;

function openProvider(
  { payouts: { provider, filesDir, stripe } }: Config,
  pool: Pool,
  hooks: PayoutWorkerHooks,
): { readonly provider: PayoutProvider; readonly close: () => void } {
  if (provider === 'file') {
    return {
      provider: new FileProvider({ directory: filesDir, pool, ...hooks.file }),
      close: () => undefined,
    };
  }
  const { secretKey, apiUrl } = stripe;
  if (secretKey === undefined) throw new Error('STRIPE_SECRET_KEY is missing.');
  const opened = new StripeProvider({ secretKey, apiUrl, ...hooks.stripe });
  return { provider: opened, close: () => opened.close() };
}

function readModelCandidates(pool: Pool, store: EventStore, terms: CreatorTerms): Candidates {
  return {
    position: async () => {
      const head = await store.head();
      const shown = await waitForPosition(pool, 'creator-earnings', head, READ_MODEL_WAIT_MS);
      return shown ? formatPosition(store.logId, head) : undefined;
    },
    pages: (t) => payablePages(pool, { logId: store.logId, t, terms }),
  };
}

/** What an operator is told: how the consumer is doing, how many transfers there are in each state. */
function watch({ metrics, onHealth }: RoleMonitor, transfers: PayoutTransfers): ConsumerWatch {
  const consumer = new ConsumerWatch(metrics, payoutConsumer.name);
  metrics.gauge({
    name: 'ledger_payout_transfers',
    help: 'Transfers to creators by state; conflict: provider and log do not agree.',
    labels: ['state'],
    read: async () =>
      Object.entries(await transfers.counts()).map(([state, value]) => ({ labels: { state }, value })),
  });
  onHealth(async () => {
    const conflicts = await transfers.conflicts();
    const notes =
      conflicts === 0
        ? []
        : [`${conflicts} payouts are in conflict: GET /api/payouts/transfers?state=conflict lists them`];
    return together([consumer.health(), { state: 'working', notes }]);
  });
  return consumer;
}
