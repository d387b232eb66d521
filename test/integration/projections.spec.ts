import { earningsAt } from '#libs/ledger/creator/state.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import type { RefundParts } from '#libs/ledger/wallet/events.js';
import type { LiveWallet } from '#libs/ledger/wallet/state.js';
import { connectClient } from '#libs/platform/postgres.js';
import { readCheckpoints, waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { listLots } from '#projections/balances/lot-queries.js';
import { readWallet } from '#projections/balances/queries.js';
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
      expect(read.position).toBe(position);
      const folded = fold.wallets.get(userId);
      if (folded === undefined || folded.status === 'none') expect(read.value).toBeUndefined();
      else {
        expect(shownOf(read.value!.wallet)).toEqual(shownOf(folded));
        await expectLotsAsFolded(userId, folded);
      }
    }
    for (const [creatorId, creator] of fold.creators) {
      const at = { t: traffic.now, terms: STANDARD_CREATOR_TERMS };
      const { value } = await readEarnings(lab.pool, creatorId, at);
      if (creator.status === 'active') expect(value).toMatchObject(earningsAt(creator, at.t, at.terms));
    }
    const books = await readTrialBalance(lab.pool);
    expect(new Map(books.value.accounts.map(({ account, balance }) => [account, balance]))).toEqual(
      fold.accounts,
    );
    expect(books.value.total).toBe(0n);
  }
}, 60_000);

/** What the view shows of a wallet, in a form that compares; `version` and what is long used up are not in it. */
const shownOf = ({ lots, holds, lapsedHolds: _, prompts: __, version: ___, ...wallet }: LiveWallet) => ({
  ...wallet,
  lots: lots.active,
  holds: [...holds.values()].sort((a, b) => a.sequence - b.sequence),
});

/** Every lot the wallet ever had, and its prompts, are what the domain's fold has of them. */
async function expectLotsAsFolded(userId: string, wallet: LiveWallet): Promise<void> {
  const statements = (await listLots(lab.pool, { userId, limit: 1_000 })).value;
  const folded = new Map([...wallet.lots.active, ...wallet.lots.used.values()].map((lot) => [lot.id, lot]));
  expect(statements.map(({ id }) => id).sort()).toEqual([...folded.keys()].sort());
  for (const lot of statements) {
    const { kind, origin, original, remaining, reserved, expired, addedAt, ...rest } = folded.get(lot.id)!;
    expect(lot).toMatchObject({ kind, origin, original, remaining, reserved, expired, addedAt });
    expect([lot.expiresAt, lot.paymentId, lot.costBasis]).toEqual([
      rest.expiresAt,
      rest.paymentId,
      rest.costBasis,
    ]);
    expect(lot.refundedElsewhere).toBe(rest.movedOut);
    // What is refunded while the payment is revoked counts as taken back until it is given back.
    const refunded = lot.refundedUnrestored - (rest.revoked?.refunded ?? 0n);
    expect(lot.revoked - lot.reinstated + refunded).toBe(rest.takenBack);
    expect(lot.original + lot.refunded + lot.reinstated).toBe(
      lot.drawn + lot.expired + lot.revoked + lot.remaining,
    );
  }
  const { rows } = await lab.owner.query<{ prompt_id: string; visibility: string; size_bytes: string }>(
    'select prompt_id, visibility, size_bytes from read.prompts where user_id = $1',
    [userId],
  );
  expect(
    new Map(
      rows.map((row) => [row.prompt_id, { visibility: row.visibility, sizeBytes: Number(row.size_bytes) }]),
    ),
  ).toEqual(new Map(wallet.prompts.entries()));
}

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

  const refunds = log.reduce(
    (total, each) => (each.event.type === 'PromptRefunded' ? total + each.event.amount : total),
    0n,
  );
  expect(refunds).toBeGreaterThan(0n);

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
    refunded: refunds,
    net: sum((charge) => charge.total) - refunds,
  });

  const refundedOf = (runId: string): RefundParts =>
    log
      .flatMap((each) =>
        each.event.type === 'PromptRefunded' && each.event.runId === runId ? [each.event.refunded] : [],
      )
      .at(-1) ?? { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare: 0n };
  const sumOf = (parts: RefundParts): bigint =>
    parts.inference + parts.markup + parts.byokFee + parts.platformShare + parts.creatorShare;
  const { event, recorded, metadata } = charges.find(
    (charge) => charge.event.creatorId !== undefined && refundedOf(charge.event.runId).creatorShare > 0n,
  )!;
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
    uncollected: event.uncollected,
    holdId: event.holdId,
    refunded: { ...refundedOf(event.runId), total: sumOf(refundedOf(event.runId)) },
  });
  expect((await readRun(lab.pool, event.userId, 'no-such-run')).value).toBeUndefined();

  const models = (await topModels(lab.pool, 3)).value;
  expect(models).toHaveLength(3);
  expect(models.map(({ net }) => net)).toEqual(models.map(({ net }) => net).sort((a, b) => (a > b ? -1 : 1)));
  const creators = (await topCreators(lab.pool, 2)).value;
  expect(creators).toHaveLength(2);
  expect(creators[0]!.earned >= creators[1]!.earned).toBe(true);

  const unlocked = new Map<string, number>();
  for (const { event } of log) {
    if (event.type === 'FlowUnlocked' && event.userId === 'u-1') unlocked.set(event.flowId, event.at);
    if (event.type === 'FlowUnlockRefunded' && event.userId === 'u-1') unlocked.delete(event.flowId);
  }
  const flows = (await listUnlockedFlows(lab.pool, 'u-1')).value;
  expect(flows.map(({ flowId }) => flowId)).toEqual([...unlocked.keys()].reverse());
}, 30_000);

test('transactions come in pages, newest first, and each balance follows from the one before', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 11, users: 2 });
  await traffic.mixed(400);
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
  lab.run();
  // A window for every few commands now, and one for all of them when it is rebuilt.
  for (let part = 0; part < 120; part++) {
    await traffic.mixed(6);
    await lab.caughtUp();
  }
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
