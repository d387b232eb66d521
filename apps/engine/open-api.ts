import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createCatalogueExecutor } from '#libs/application/catalogue/definition.js';
import { type CatalogueFollower, followCatalogue } from '#libs/application/catalogue/follower.js';
import { createCatalogueHandlers } from '#libs/application/catalogue/handlers.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import { createWritePath, type WritePath } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { creatorTermsOf } from '#libs/ledger/creator/terms.js';
import { type Config, isLoopback } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import { acceptsDestination } from '#libs/payouts/accepts.js';
import { isLiveKey } from '#libs/payouts/stripe/client.js';
import { createPool } from '#libs/platform/postgres.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { HealthController } from '#apps/api/health/health.controller.js';
import type { Readiness } from '#apps/api/health/readiness.js';
import { createApi } from '#apps/api/create-api.js';
import type { PayoutSettings } from '#apps/api/deps.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { followersIn } from './followers.js';
import { openLongStreams } from './long-streams.js';
import { openEventStore } from './open-event-store.js';
import { writeMetrics } from './write-metrics.js';
import { signingKeyOf } from './signing-key.js';
import { listenError } from './start-error.js';

export interface ApiRoleOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  /** Gets the ways to stop what is started, in order of starting. */
  readonly stops: (() => Promise<void>)[];
  /** Told how the api is doing. */
  readonly monitor?: RoleMonitor;
}

const READ_CONNECTIONS_MAX = 8;

/** Role `api`: store, write path, read models and the HTTP interface; its address. */
export async function openApi({ config, log, databaseUrl, stops, monitor }: ApiRoleOptions): Promise<string> {
  const store = await openEventStore({ config, databaseUrl });
  stops.push(() => store.close());
  await prepareLedgerReadModels({ databaseUrl, store });
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'ledger-api-read',
    max: READ_CONNECTIONS_MAX,
  });
  stops.push(() => pool.end());
  const catalogue = await openCatalogue(store, { config, log, stops });
  const creatorTerms = creatorTermsOf(config);
  const observer = monitor && config.metrics ? writeMetrics(monitor.metrics) : undefined;
  const longStreams = openLongStreams({ databaseUrl, store, log });
  stops.push(() => longStreams.close());
  const path = createWritePath({
    store,
    clock: systemClock,
    terms: () => catalogue.terms(),
    creatorTerms,
    longStreams: longStreams.ports,
    observer,
  });
  stops.push(() => path.close());
  const publications = createCatalogueExecutor({ store, clock: systemClock, observer });
  stops.push(() => publications.close());
  const api = await createApi({
    store,
    reads: postgresReadModels(pool, store),
    database: pool,
    webhookAllowedHosts: config.notifications.webhookAllowedHosts,
    payouts: payoutSettings(config),
    commandHandlers: [...createCommandHandlers(path), ...createCatalogueHandlers(publications, catalogue)],
    catalogue,
    clock: systemClock,
    creatorFeeMax: config.creatorFeeMax,
    creatorTerms,
    signingKey: await signingKeyOf(config),
    logger: log,
    reach: isLoopback(config.host) ? 'loopback' : 'any-host',
    followers: () => followersIn(pool),
  });
  stops.push(() => api.close());
  if (monitor) watchApi(monitor, { readiness: api.get(HealthController).readiness, path });
  await api.listen(config.port, config.host).catch((error: unknown) => {
    throw listenError(error, config);
  });
  // As a person would type it.
  return (await api.getUrl()).replace('[::1]', 'localhost');
}

interface WatchedApi {
  readonly readiness: Readiness;
  readonly path: WritePath;
}

function watchApi({ metrics, onHealth }: RoleMonitor, { readiness, path }: WatchedApi): void {
  metrics.gauge({
    name: 'ledger_commands_waiting',
    help: 'Commands that wait or are being appended.',
    read: () => [{ value: path.depth() }],
  });
  onHealth(async () => {
    const { problems, notes, head, clockSkewMs } = await readiness.ask();
    return {
      // Unable to answer now is not stopped: it answers again when the store does.
      state: problems.length === 0 ? 'working' : 'failing',
      problems,
      notes,
      details: { head: head ?? null, clockSkewMs: clockSkewMs ?? null, commandsWaiting: path.depth() },
    };
  });
}

/** Seeds what the log lacks and follows it, so that the first request is priced by what is in force. */
async function openCatalogue(
  store: EventStore,
  { config, log, stops }: Omit<ApiRoleOptions, 'databaseUrl'>,
): Promise<CatalogueFollower> {
  await seedCatalogue(store, { planCredit: config.planCredit });
  const ending = new AbortController();
  const catalogue = await followCatalogue({
    store,
    clock: systemClock,
    signal: ending.signal,
    onFault: (err) => log.warn({ err }, 'the catalogue could not be read: after 30 s nothing is priced'),
  });
  stops.push(async () => {
    ending.abort();
    await catalogue.stopped;
  });
  const { id, version, planCredit } = catalogue.current().plansAt(systemClock.now());
  if (planCredit !== config.planCredit) {
    log.info(
      {},
      `plan table ${id} version ${version} counts ${planCredit} credits a plan credit, not PLAN_CREDIT`,
    );
  }
  return catalogue;
}

function payoutSettings({ payouts: { provider, stripe } }: Config): PayoutSettings {
  const livemode = isLiveKey(stripe.secretKey);
  return {
    accepts: (name) => acceptsDestination(provider, name),
    webhookSecrets: stripe.webhookSecrets,
    ...(livemode === undefined ? {} : { livemode }),
  };
}
