import { post } from '#test/support/http.js';
import type { BenchEngine } from './bench-engine.js';
import { httpLoad, percentile } from './http-load.js';
import { type LagFigures, LagWatch } from './lag-watch.js';
import { clearingOpen, sampleProgress } from './progress.js';
import { median, rounded } from './statistics.js';
import { type BenchWallet, chargeOf, chargeRequest, openWallets } from './wallets.js';

type Line = Record<string, unknown>;

interface BulkPlan {
  /** Charges a second that are offered, evenly. */
  readonly chargesPerSecond: number;
  readonly seconds: number;
}

const PLANS: readonly BulkPlan[] = [
  { chargesPerSecond: 12_000, seconds: 10 },
  { chargesPerSecond: 5_000, seconds: 60 },
];
const WALLETS = 200;
const ITEMS_PER_REQUEST = 1_000;
const REQUESTS_IN_FLIGHT_MAX = 4;
const CATCH_UP_PATIENCE_MS = 60_000;
const IDLE_MS = 5_000;
const SINGLE_CONNECTIONS = 4;
const SINGLE_PAUSE_MS = 10;
const COMPARISONS = 5;

/** Bulk charges at a steady rate, with projections and settlement watched from outside. */
export async function benchChargeBulk(engine: BenchEngine): Promise<Line[]> {
  const wallets = await openWallets(engine.url, WALLETS, `bulk-${Date.now()}`);
  await offer(engine, wallets, { chargesPerSecond: 4_000, seconds: 3 });
  await new LagWatch(engine.database, sampleProgress).finish(
    () => clearingOpen(engine.database),
    CATCH_UP_PATIENCE_MS,
  );
  const lines: Line[] = [];
  for (const plan of PLANS) {
    const watch = new LagWatch(engine.database, sampleProgress);
    const done = await offer(engine, wallets, plan);
    const lag = await watch.finish(() => clearingOpen(engine.database), CATCH_UP_PATIENCE_MS);
    lines.push({ bench: 'charge-bulk', offeredPerSecond: plan.chargesPerSecond, ...done, ...lagLine(lag) });
  }
  lines.push(await benchSingleDuringBulk(engine, wallets));
  return lines;
}

const lagLine = ({ lagSecondsMax, caughtUpSeconds, clearingOpen }: LagFigures): Line => ({
  lagSecondsMax: rounded(lagSecondsMax, 2),
  caughtUpSeconds: rounded(caughtUpSeconds, 2),
  clearingOpen,
});

/** What single charges wait while a bulk runs, beside what they wait when nothing else does. */
async function benchSingleDuringBulk(engine: BenchEngine, wallets: readonly BenchWallet[]): Promise<Line> {
  const singles = await openWallets(engine.url, 100, `single-${Date.now()}`);
  let turn = 0;
  const single = (durationMs: number): ReturnType<typeof httpLoad> =>
    httpLoad({
      url: engine.url,
      connections: SINGLE_CONNECTIONS,
      durationMs,
      pauseMs: SINGLE_PAUSE_MS,
      request: () => chargeRequest(singles[turn++ % singles.length]!.userId),
    });
  const pairs: { idle: number; busy: number }[] = [];
  for (let i = 0; i < COMPARISONS; i++) {
    const idle = await single(IDLE_MS);
    const [busy] = await Promise.all([
      single(IDLE_MS),
      offer(engine, wallets, { chargesPerSecond: 5_000, seconds: IDLE_MS / 1000 }),
    ]);
    pairs.push({ idle: idle.p99Ms, busy: busy.p99Ms });
    await new LagWatch(engine.database, sampleProgress).finish(
      () => clearingOpen(engine.database),
      CATCH_UP_PATIENCE_MS,
    );
  }
  return {
    bench: 'charge-single-during-bulk',
    bulkPerSecond: 5_000,
    idleP99Ms: rounded(median(pairs.map(({ idle }) => idle)), 2),
    duringP99Ms: rounded(median(pairs.map(({ busy }) => busy)), 2),
    ratio: rounded(median(pairs.map(({ idle, busy }) => busy / idle)), 2),
    ratios: pairs.map(({ idle, busy }) => rounded(busy / idle, 2)),
  };
}

/** Offers charges at a steady rate in requests of a thousand; falls behind only when the server does. */
async function offer(
  engine: BenchEngine,
  wallets: readonly BenchWallet[],
  { chargesPerSecond, seconds }: BulkPlan,
): Promise<Line> {
  const requests = Math.round((chargesPerSecond * seconds) / ITEMS_PER_REQUEST);
  const started = performance.now();
  const latenciesMs: number[] = [];
  let next = 0;
  let turn = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) {
      const due = started + (n * ITEMS_PER_REQUEST * 1000) / chargesPerSecond;
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
      const items = Array.from({ length: ITEMS_PER_REQUEST }, () =>
        chargeOf(wallets[turn++ % wallets.length]!.userId),
      );
      const sentAt = performance.now();
      await charged(engine.url, items);
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT_MAX }, lane));
  const elapsed = (performance.now() - started) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    seconds: rounded(elapsed, 1),
    chargesPerSecond: rounded((requests * ITEMS_PER_REQUEST) / elapsed),
    eventsPerSecond: rounded((requests * ITEMS_PER_REQUEST * 1.5) / elapsed),
    requestP50Ms: rounded(percentile(latenciesMs, 0.5), 1),
    requestP99Ms: rounded(percentile(latenciesMs, 0.99), 1),
  };
}

async function charged(url: string, items: readonly unknown[]): Promise<void> {
  const { status, body } = await post(url, '/api/credits/charge-prompts', { items });
  const bad = status === 200 && (body['items'] as { status: number }[]).find((item) => item.status !== 200);
  if (status !== 200 || bad)
    throw new Error(`The bulk was not charged: ${JSON.stringify(bad || body).slice(0, 500)}`);
}
