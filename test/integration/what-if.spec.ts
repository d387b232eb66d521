import { pastRuns } from '#apps/api/what-if/past-runs.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import type { PastRun } from '#libs/application/what-if/past-run.js';
import { whatIf } from '#libs/application/what-if/what-if.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { createCatalogue } from '#libs/ledger/catalogue/catalogue.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import type { RefundParts } from '#libs/ledger/wallet/events.js';
import { readTrialBalance } from '#projections/journal/queries.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

const COMMANDS = 1_500;
const ALWAYS = { from: -Infinity, to: Infinity };

/** The shipped catalogue, with the fee for runs on own keys that the generated traffic pays. */
const CATALOGUE = createCatalogue([
  ...seedEvents(),
  {
    type: 'PolicyActivated',
    at: 0,
    version: 2,
    effectiveFrom: 0,
    policyId: THREE_PART_V1.id,
    cardId: 'standard',
    byokFeeBasisPoints: 500n,
  },
]);

let lab: ProjectionLab;
beforeAll(async () => {
  lab = await ProjectionLab.open();
  const traffic = new LedgerTraffic(lab.store, {
    seed: printedSeed('what-if over mixed traffic', COMMANDS),
    users: 12,
  });
  await traffic.mixed(COMMANDS);
  lab.run();
  await lab.caughtUp();
}, 60_000);
afterAll(() => lab.close());

async function* pages(pageRuns: number): AsyncGenerator<readonly PastRun[]> {
  const reads = postgresReadModels(lab.pool, lab.store);
  const { position } = await reads.pastRunsAsOf();
  expect(position).toBe(await lab.store.head());
  yield* pastRuns(reads, { upTo: position, signal: new AbortController().signal, pageRuns });
}

async function runsOf(pageRuns: number): Promise<readonly PastRun[]> {
  const runs: PastRun[] = [];
  for await (const page of pages(pageRuns)) runs.push(...page);
  return runs;
}

/** Every run as the log tells it, with the plan at its place in the log and the sum of its refunds. */
async function loggedRuns(): Promise<
  ReadonlyMap<string, { plan: PlanName; total: bigint; refunded: RefundParts | undefined }>
> {
  const plans = new Map<string, PlanName>();
  const runs = new Map<string, { plan: PlanName; total: bigint; refunded: RefundParts | undefined }>();
  for (const recorded of await lab.log()) {
    const event = decodeEvent(recorded);
    if (event.type === 'WalletOpened') plans.set(event.userId, event.plan);
    if (event.type === 'PlanChanged') plans.set(event.userId, event.to);
    if (event.type === 'PromptCharged') {
      const plan = plans.get(event.userId)!;
      runs.set(`${event.userId} ${event.runId}`, { plan, total: event.total, refunded: undefined });
    }
    if (event.type === 'PromptRefunded')
      runs.get(`${event.userId} ${event.runId}`)!.refunded = event.refunded;
  }
  return runs;
}

test('pages of any size give every run once, with its plan and refunds', async () => {
  const logged = await loggedRuns();
  expect(logged.size).toBeGreaterThan(50);
  const seen = await runsOf(7);
  expect(
    new Map(
      seen.map(({ userId, runId, plan, price, refunded }) => [
        `${userId} ${runId}`,
        { plan, total: price.total, refunded },
      ]),
    ),
  ).toEqual(logged);
  expect(seen).toHaveLength(logged.size);
  expect(await runsOf(10_000)).toEqual(seen);
  expect(await runsOf(1)).toEqual(seen);
  process.stdout.write(
    `what-if traffic: ${seen.length} runs, ${seen.filter(({ refunded }) => refunded).length} refunded, ` +
      `${seen.filter(({ byok }) => byok).length} on own keys, ${seen.filter(({ allowance }) => allowance > 0n).length} under an allowance\n`,
  );
});

test('what was charged is what the books say, and the very terms of the runs change nothing', async () => {
  const question = { span: ALWAYS, catalogue: CATALOGUE, usersMax: 3 };
  const answer = await whatIf(pages(50), { ...question, other: {} });
  expect(answer.refused).toEqual([]);
  expect(answer.total.after).toEqual(answer.total.before);
  for (const line of [...answer.byModel, ...answer.byPlan, ...answer.byUser, answer.otherUsers])
    expect(line.after).toEqual(line.before);

  const { value } = await readTrialBalance(lab.pool);
  const balance = (account: string): bigint =>
    value.accounts.find((each) => each.account === account)?.balance ?? 0n;
  const { inference, markup, byokFee } = answer.total.before;
  expect({ inference, markup, byokFee }).toEqual({
    inference: balance('revenue:inference'),
    markup: balance('revenue:markup'),
    byokFee: balance('revenue:byok'),
  });

  const named = await whatIf(pages(50), {
    ...question,
    other: { policy: THREE_PART_V1, rateCard: CATALOGUE.rateCard('standard', 1)! },
  });
  expect(named.total).toEqual(answer.total);
  const planned = await whatIf(pages(50), { ...question, other: { planTable: STANDARD_PLANS } });
  const { allowance: _before, ...before } = planned.total.before;
  const { allowance: _after, ...after } = planned.total.after;
  expect(after).toEqual(before);
});
