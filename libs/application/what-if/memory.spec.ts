import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { STANDARD_CATALOGUE } from '#libs/ledger/catalogue/standard.js';
import { STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { GRADUATED_V2 } from '#libs/ledger/pricing/graduated-v2.js';
import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import { priceRun } from '#libs/ledger/pricing/policy.js';
import type { PastRun } from './past-run.js';
import { whatIf } from './what-if.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const PAGE = 1_000;
const RUNS_A_USER = 50;
const MODELS = ['gpt-4', 'deepseek', 'gpt-3.5-turbo', 'claude-3-opus'];
const MARCH = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;
const MEGABYTE = 1024 * 1024;
/** Far below what 450,000 runs or 9,000 users would take, above what the collector leaves from time to time. */
const GROWTH_MAX = 4 * MEGABYTE;

const TERMS = {
  rateCard: STANDARD_CATALOGUE.rateCard('standard', 1)!,
  policy: THREE_PART_V1,
  byokFeeBasisPoints: 0n,
  planCredit: STANDARD_PLANS.planCredit,
};

function run(i: number): PastRun {
  const userId = `u-${String(Math.floor(i / RUNS_A_USER)).padStart(8, '0')}`;
  const model = MODELS[i % MODELS.length]!;
  const counts = {
    inputTokens: 100 + (i % 997),
    outputTokens: i % 331,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
  };
  const price = priceRun({ model, tokens: counts, byok: false, payer: userId, creatorFee: 0n }, TERMS)!;
  return {
    userId,
    runId: `run-${i}`,
    plan: 'PRO',
    at: MARCH + i * MINUTE,
    model,
    byok: false,
    tokens: counts,
    policy: 'three-part-v1',
    rateCard: 'standard',
    rateCardVersion: 1,
    price,
    allowance: 0n,
  };
}

/** Heap in use after a collection, at its highest while `runs` runs are priced again. */
async function peakHeap(runs: number): Promise<{ readonly peak: number; readonly ms: number }> {
  let peak = 0;
  async function* pages(): AsyncGenerator<readonly PastRun[]> {
    for (let at = 0; at < runs; at += PAGE) {
      yield Array.from({ length: PAGE }, (_, i) => run(at + i));
      if ((at / PAGE) % 25 === 24) {
        collectGarbage();
        peak = Math.max(peak, process.memoryUsage().heapUsed);
      }
    }
  }
  const startedAt = performance.now();
  const answer = await whatIf(pages(), {
    span: { from: 0, to: Number.MAX_SAFE_INTEGER },
    other: { policy: GRADUATED_V2 },
    catalogue: STANDARD_CATALOGUE,
    usersMax: 20,
  });
  expect(answer.total.runs).toBe(runs);
  expect(answer.users).toBe(runs / RUNS_A_USER);
  return { peak, ms: performance.now() - startedAt };
}

test('ten times the runs and users take the same memory', async () => {
  // Once for the compiler's own memory.
  await peakHeap(25_000);
  const small = await peakHeap(50_000);
  const large = await peakHeap(500_000);
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
  process.stdout.write(
    `what-if: peak heap ${megabytes(small.peak)} MB at 50,000 runs, ${megabytes(large.peak)} MB at 500,000 ` +
      `(${Math.round(500_000 / (large.ms / 1_000))} runs/s)\n`,
  );
  expect(large.peak - small.peak).toBeLessThan(GROWTH_MAX);
}, 120_000);
