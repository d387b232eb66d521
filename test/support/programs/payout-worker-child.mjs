// The built payout worker as a process of its own, that kills itself at a named point: KILL_AT, the KILL_NTH time.
import { openLongStreams } from '#apps/engine/long-streams.js';
import { startPayoutWorker } from '#apps/payout-worker/start.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { Metrics } from '#libs/platform/metrics/metrics.js';
import { unwatched } from '#libs/platform/metrics/role-monitor.js';

process.stdin.on('end', () => process.exit(1)).resume();

const { KILL_AT, KILL_NTH = '1', HOOKS = '{}', ...env } = process.env;
const never = new globalThis.AbortController();
let left = Number(KILL_NTH);
const at = async (point) => {
  if (point === KILL_AT && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const config = loadConfig(env);
const { databaseUrl } = config;
const store = await openPostgresEventStore({ url: databaseUrl });
const log = createLogger({ level: 'fatal', name: 'child' });
const hooks = JSON.parse(HOOKS);
await startPayoutWorker({
  config,
  databaseUrl,
  store,
  log,
  signal: never.signal,
  longStreams: openLongStreams({ databaseUrl, store, log }).ports,
  monitor: unwatched(new Metrics()),
  hooks: { ...hooks, at, file: { ...hooks.file, onStep: at } },
});
