import type { BenchEngine } from './bench-engine.js';
import { BulkGenerator, type BulkPlan } from './bulk-generator.js';
import { httpLoad } from './http-load.js';
import { type LagFigures, LagWatch } from './lag-watch.js';
import { clearingOpen, sampleProgress } from './progress.js';
import { median, rounded } from './statistics.js';
import { chargeRequest, openWallets } from './wallets.js';

type Line = Record<string, unknown>;

const PLANS: readonly BulkPlan[] = [
  { chargesPerSecond: 12_000, seconds: 10 },
  { chargesPerSecond: 5_000, seconds: 60 },
];
const WALLETS = 200;
const CATCH_UP_PATIENCE_MS = 60_000;
const IDLE_MS = 5_000;
const SINGLE_CONNECTIONS = 4;
const SINGLE_PAUSE_MS = 10;
const COMPARISONS = 5;

/** Bulk charges at a steady rate, with projections and settlement watched from outside. */
export async function benchChargeBulk(engine: BenchEngine): Promise<Line[]> {
  const wallets = await openWallets(engine.url, WALLETS, `bulk-${Date.now()}`);
  const generator = new BulkGenerator(
    engine.url,
    wallets.map(({ userId }) => userId),
  );
  try {
    return await measure(engine, generator);
  } finally {
    generator.stop();
  }
}

async function measure(engine: BenchEngine, generator: BulkGenerator): Promise<Line[]> {
  await generator.offer({ chargesPerSecond: 4_000, seconds: 3 });
  await new LagWatch(engine.database, sampleProgress).finish(
    () => clearingOpen(engine.database),
    CATCH_UP_PATIENCE_MS,
  );
  const lines: Line[] = [];
  for (const plan of PLANS) {
    const watch = new LagWatch(engine.database, sampleProgress);
    const done = await generator.offer(plan);
    const lag = await watch.finish(() => clearingOpen(engine.database), CATCH_UP_PATIENCE_MS);
    lines.push({ bench: 'charge-bulk', offeredPerSecond: plan.chargesPerSecond, ...done, ...lagLine(lag) });
  }
  lines.push(await benchSingleDuringBulk(engine, generator));
  return lines;
}

const lagLine = ({ lagSecondsMax, caughtUpSeconds, clearingOpen }: LagFigures): Line => ({
  lagSecondsMax: rounded(lagSecondsMax, 2),
  caughtUpSeconds: rounded(caughtUpSeconds, 2),
  clearingOpen,
});

/** What single charges wait while a bulk runs, beside what they wait when nothing else does. */
async function benchSingleDuringBulk(engine: BenchEngine, generator: BulkGenerator): Promise<Line> {
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
      generator.offer({ chargesPerSecond: 5_000, seconds: IDLE_MS / 1000 }),
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
