import { type BareServer, type BenchEngine } from './bench-engine.js';
import { httpLoad, type LoadResult } from './http-load.js';
import { median, ratioFigures, rounded, spread } from './statistics.js';
import { bareRequest, type BenchWallet, chargeRequest, openWallets } from './wallets.js';

/** Rounds of a comparison: alternating, so that a noisy machine hits both sides. */
const ROUNDS = 5;
const ROUND_MS = 4_000;
const WARM_UP_MS = 3_000;
const SPREAD_WALLETS = 1_000;
const CONNECTIONS = [1, 16, 64] as const;
const COMPARED_CONNECTIONS = 64;
/** Between two sides, so that neither starts with the other's projections still to be done. */
const SETTLE_MS = 2_000;

type Line = Record<string, unknown>;

interface Side {
  readonly name: string;
  run(connections: number, durationMs: number): Promise<LoadResult>;
}

/** Single charges over keep-alive HTTP on spread wallets, beside the bare ceiling at 64 connections. */
export async function benchChargeHttp(engine: Pick<BenchEngine, 'url'>, bare: BareServer): Promise<Line[]> {
  const ours = await spreadSide(engine);
  const wallets = await openWallets(engine.url, COMPARED_CONNECTIONS, `bare-${Date.now()}`);
  const ceiling: Side = {
    name: 'bare',
    run: (connections, durationMs) =>
      httpLoad({ url: bare.url, connections, durationMs, request: (i) => bareRequest(wallets[i]!) }),
  };
  await warmUp(ours, ceiling);
  const lines: Line[] = [];
  for (const connections of CONNECTIONS) {
    if (connections !== COMPARED_CONNECTIONS) {
      lines.push({ bench: 'charge-http', connections, ...figures([await ours.run(connections, ROUND_MS)]) });
    }
  }
  const { line } = await compare(ours, ceiling);
  lines.push({ bench: 'charge-http', connections: COMPARED_CONNECTIONS, ...line });
  return lines;
}

/** One hot wallet beside spread wallets. */
export async function benchChargeHot(engine: BenchEngine): Promise<Line[]> {
  const wallets = await openWallets(engine.url, 1, `hot-${Date.now()}`);
  const hot: Side = {
    name: 'hot',
    run: (connections, durationMs) =>
      httpLoad({
        url: engine.url,
        connections,
        durationMs,
        request: () => chargeRequest(wallets[0]!.userId),
      }),
  };
  const all = await spreadSide(engine);
  await warmUp(hot, all);
  const { line } = await compare(hot, all);
  return [{ bench: 'charge-hot', connections: COMPARED_CONNECTIONS, ...line }];
}

async function spreadSide(engine: Pick<BenchEngine, 'url'>): Promise<Side> {
  const wallets = await openWallets(engine.url, SPREAD_WALLETS, `spread-${Date.now()}`);
  let turn = 0;
  const next = (): BenchWallet => wallets[turn++ % wallets.length]!;
  return {
    name: 'spread',
    run: (connections, durationMs) =>
      httpLoad({ url: engine.url, connections, durationMs, request: () => chargeRequest(next().userId) }),
  };
}

async function warmUp(...sides: readonly Side[]): Promise<void> {
  for (const side of sides) await side.run(COMPARED_CONNECTIONS, WARM_UP_MS);
}

/** Alternating rounds of two sides; the order changes each round. */
async function compare(ours: Side, other: Side): Promise<{ line: Line }> {
  const results: [LoadResult, LoadResult][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const run = async (side: Side): Promise<LoadResult> => {
      await new Promise((done) => setTimeout(done, SETTLE_MS));
      return side.run(COMPARED_CONNECTIONS, ROUND_MS);
    };
    if (round % 2 === 0) results.push([await run(ours), await run(other)]);
    else {
      const theirs = await run(other);
      results.push([await run(ours), theirs]);
    }
  }
  const ratios = results.map(([one, two]) => one.perSecond / two.perSecond);
  return {
    line: {
      ...figures(results.map(([one]) => one)),
      [other.name]: figures(results.map(([, two]) => two)),
      rounds: ROUNDS,
      ...ratioFigures(ratios),
    },
  };
}

function figures(rounds: readonly LoadResult[]): Line {
  const rates = rounds.map(({ perSecond }) => perSecond);
  return {
    operationsPerSecond: rounded(median(rates)),
    operationsSpread: spread(rates, 0),
    // One event a charge, and one more for every second one, which has a creator; written behind the reply.
    eventsPerSecond: rounded(median(rates) * 1.5),
    p50Ms: rounded(median(rounds.map(({ p50Ms }) => p50Ms)), 2),
    p99Ms: rounded(median(rounds.map(({ p99Ms }) => p99Ms)), 2),
  };
}
