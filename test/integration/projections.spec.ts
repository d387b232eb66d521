import { connectClient } from '#libs/platform/postgres.js';
import { readCheckpoints, waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { readWallet } from '#projections/balances/queries.js';
import { lookUpOutcomes } from '#projections/command-outcomes/queries.js';
import { readEarnings, topCreators } from '#projections/creator-earnings/queries.js';
import { clearingAccountsOpen, readTrialBalance } from '#projections/journal/queries.js';
import { readChargeTotals, readRun, topModels } from '#projections/prompt-runs/queries.js';
import { listTransactions } from '#projections/transactions/queries.js';
import { listUnlockedFlows } from '#projections/unlocked-flows/queries.js';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { foldLog, ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

test('at random positions the read models equal a fold of the log by the domain', async () => {
  const rounds = 12;
  const traffic = new LedgerTraffic(lab.store, { seed: printedSeed('rows equal a fold', rounds), users: 8 });
  lab.run();
  for (let round = 0; round < rounds; round++) {
    await traffic.mixed(1 + Math.floor(traffic.random() * 60));
    const position = await lab.caughtUp();
    const fold = foldLog(await lab.log());
    for (const userId of traffic.users) {
      const read = await readWallet(lab.pool, userId);
      const folded = fold.wallets.get(userId);
      expect(read.position).toBe(position);
      if (folded?.status !== 'open') expect(read.value).toBeUndefined();
      else {
        const { runs, flows, payments } = read.value!.wallet;
        expect(read.value!.wallet).toEqual({ ...folded, version: 1, runs, flows, payments });
      }
    }
    for (const [creatorId, creator] of fold.creators) {
      const { value } = await readEarnings(lab.pool, creatorId);
      expect(value!.accrued).toBe(creator.status === 'active' ? creator.accrued : 0n);
    }
    const books = await readTrialBalance(lab.pool);
    expect(new Map(books.value.accounts.map(({ account, balance }) => [account, balance]))).toEqual(
      fold.accounts,
    );
    expect(books.value.total).toBe(0n);
  }
}, 60_000);

test('queries give what the events say', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 7, users: 4 });
  await traffic.mixed(300);
  lab.run();
  await lab.caughtUp();
  const log = (await lab.log()).map((recorded) => ({
    recorded,
    event: decodeEvent(recorded),
    metadata: decodeMetadata(recorded.metadata),
  }));
  const charges = log.flatMap((each) =>
    each.event.type === 'PromptCharged' ? [{ ...each, event: each.event }] : [],
  );
  const sum = (of: (charge: (typeof charges)[number]['event']) => bigint): bigint =>
    charges.reduce((total, { event }) => total + of(event), 0n);

  expect((await readChargeTotals(lab.pool)).value).toEqual({
    rows: BigInt(charges.length),
    inference: sum((charge) => charge.inference),
    markup: sum((charge) => charge.markup),
    byokFee: sum((charge) => charge.byokFee),
    creatorFee: sum((charge) => charge.creatorFee),
    creatorShare: sum((charge) => charge.creatorShare),
    platformShare: sum((charge) => charge.platformShare),
    total: sum((charge) => charge.total),
    allowance: sum((charge) => charge.allowance),
  });

  const { event, recorded, metadata } = charges.find((charge) => charge.event.creatorId !== undefined)!;
  expect((await readRun(lab.pool, event.userId, event.runId)).value).toEqual({
    userId: event.userId,
    runId: event.runId,
    position: recorded.position,
    eventId: recorded.id,
    promptId: event.promptId,
    model: event.model,
    purpose: event.purpose,
    byok: event.byok,
    creatorId: event.creatorId,
    occurredAt: event.at,
    ranAt: undefined,
    inputTokens: event.inputTokens,
    outputTokens: event.outputTokens,
    cachedInputTokens: event.cachedInputTokens,
    cacheWriteTokens: event.cacheWriteTokens,
    policy: 'three-part-v1',
    rateCard: 'standard',
    rateCardVersion: 1,
    inference: event.inference,
    markup: event.markup,
    byokFee: event.byokFee,
    creatorFee: event.creatorFee,
    creatorShare: event.creatorShare,
    platformShare: event.platformShare,
    total: event.total,
    allowance: event.allowance,
    principal: 'local',
    key: metadata.key,
    bodyHash: metadata.bodyHash,
  });
  expect((await readRun(lab.pool, event.userId, 'no-such-run')).value).toBeUndefined();

  const models = (await topModels(lab.pool, 3)).value;
  expect(models).toHaveLength(3);
  expect(models.map(({ total }) => total)).toEqual(
    models.map(({ total }) => total).sort((a, b) => (a > b ? -1 : 1)),
  );
  const creators = (await topCreators(lab.pool, 2)).value;
  expect(creators).toHaveLength(2);
  expect(creators[0]!.accrued >= creators[1]!.accrued).toBe(true);

  const unlocked = log.flatMap((each) =>
    each.event.type === 'FlowUnlocked' && each.event.userId === 'u-1' ? [each.event.flowId as string] : [],
  );
  const flows = (await listUnlockedFlows(lab.pool, 'u-1')).value;
  expect(flows.map(({ flowId }) => flowId)).toEqual(unlocked.reverse());

  const key = { principal: 'local', stream: recorded.stream, key: metadata.key };
  const found = await lookUpOutcomes(lab.pool, [
    { ...key, key: 'never-used' },
    key,
    { ...key, principal: 'other' },
  ]);
  const ofKey = log.filter((each) => each.recorded.stream === key.stream && each.metadata.key === key.key);
  expect(found.value).toEqual([
    {
      ...key,
      bodyHash: metadata.bodyHash,
      firstRevision: ofKey[0]!.recorded.revision,
      lastRevision: ofKey.at(-1)!.recorded.revision,
      firstPosition: ofKey[0]!.recorded.position,
      lastPosition: ofKey.at(-1)!.recorded.position,
    },
  ]);
}, 30_000);

test('transactions come in pages, newest first, and each balance follows from the one before', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 11, users: 2 });
  await traffic.mixed(200);
  lab.run();
  await lab.caughtUp();
  const all = (await listTransactions(lab.pool, { userId: 'u-0', limit: 1_000 })).value;
  expect(all.length).toBeGreaterThan(50);
  const oldestFirst = [...all].reverse();
  let balance = 0n;
  for (const transaction of oldestFirst) {
    balance += transaction.amount;
    expect(transaction.balanceAfter).toBe(balance);
  }
  const paged = [];
  for (let after: bigint | undefined; ;) {
    const page = (
      await listTransactions(lab.pool, { userId: 'u-0', limit: 7, ...(after === undefined ? {} : { after }) })
    ).value;
    if (page.length === 0) break;
    paged.push(...page);
    after = page.at(-1)!.position;
  }
  expect(paged).toEqual(all);
  const purchases = await listTransactions(lab.pool, { userId: 'u-0', type: 'purchase', limit: 1_000 });
  expect(purchases.value).toEqual(all.filter(({ type }) => type === 'purchase'));
  const middle = all[Math.floor(all.length / 2)]!.occurredAt;
  const since = await listTransactions(lab.pool, { userId: 'u-0', from: middle, limit: 1_000 });
  const until = await listTransactions(lab.pool, { userId: 'u-0', to: middle, limit: 1_000 });
  expect([...since.value, ...until.value]).toEqual(all);
  expect((await listTransactions(lab.pool, { userId: 'nobody', limit: 5 })).value).toEqual([]);
}, 30_000);

test('the trial balance is zero at every position, and as of any of them it equals a fold', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: printedSeed('trial balance as of', 1), users: 5 });
  await traffic.mixed(400);
  lab.run();
  const head = await lab.caughtUp();
  const { rows } = await lab.owner.query(
    'select position from read.journal group by position having sum(amount) <> 0',
  );
  expect(rows).toEqual([]);
  for (let i = 0; i < 20; i++) {
    const asOf = BigInt(1 + Math.floor(traffic.random() * Number(head)));
    const { value, position } = await readTrialBalance(lab.pool, { asOf });
    expect(position).toBe(asOf);
    expect(value.total).toBe(0n);
    expect(new Map(value.accounts.map(({ account, balance }) => [account, balance]))).toEqual(
      foldLog(await lab.log(asOf)).accounts,
    );
  }
  expect((await clearingAccountsOpen(lab.pool)).value).toEqual([]);
}, 30_000);

test('a share that is not settled yet stands open in clearing', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 3, users: 2, creators: 1 });
  await traffic.openAll(1_000_000_000n);
  await traffic.charge(2);
  lab.run();
  await lab.caughtUp();
  const settled = (await lab.log()).filter(({ type }) => type === 'CreatorPaid.v1');
  expect(settled).toHaveLength(1);
  const { value } = await readTrialBalance(lab.pool, { asOf: settled[0]!.position - 1n });
  const clearing = value.accounts.find(({ account }) => account === 'clearing:creator:c-0')!;
  expect(clearing.balance).toBeGreaterThan(0n);
});

test('a reader waits for a position, and is told when it does not come', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 5, users: 1 });
  await traffic.openAll(1_000_000n);
  expect(await waitForPosition(lab.pool, 'balances', 1n, 50)).toBe(false);
  lab.run();
  expect(await waitForPosition(lab.pool, ['balances', 'journal'], await lab.store.head(), 10_000)).toBe(true);
  await traffic.charge(1);
  const [balances] = await readCheckpoints(lab.pool);
  expect(balances!.logId).toBe(lab.store.logId);
  expect(await waitForPosition(lab.pool, 'balances', await lab.store.head(), 10_000)).toBe(true);
});

test('each copy of a projection gives the same rows, however its batches were cut', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: printedSeed('batches cut anyhow', 1), users: 6 });
  await traffic.mixed(300);
  lab.run({ windowEventsMax: 3 });
  await lab.caughtUp();
  const small = await lab.checksums();
  for (const projection of ALL_PROJECTIONS) {
    await rebuildProjection({ url: lab.url, projection, store: lab.store });
  }
  expect(await lab.checksums()).toEqual(small);
}, 60_000);

test('readers may read the views and nothing else', async () => {
  const reader = await connectClient({ url: lab.url, applicationName: 'reader', role: 'ledger_readers' });
  try {
    await reader.query('select * from read.wallets, read.checkpoints');
    await expect(reader.query(`delete from read.wallets`)).rejects.toMatchObject({ code: '42501' });
    await expect(reader.query('select * from p_balances_1.wallets')).rejects.toMatchObject({ code: '42501' });
    await expect(reader.query('select * from projections.copies')).rejects.toMatchObject({ code: '42501' });
  } finally {
    await reader.end();
  }
});
