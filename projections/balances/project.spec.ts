import {
  APRIL,
  AT,
  bought,
  charged,
  expired,
  flowRefunded,
  granted,
  held,
  logged,
  MARCH,
  opened,
  paid,
  planChanged,
  promptCreated,
  refunded,
  registered,
  reinstated,
  released,
  revoked,
  subscriptionPaid,
  unlocked,
} from '#test/support/logged-event.js';
import {
  lotDraws,
  lotLosses,
  type LotRestoreRow,
  lotRestores,
  lots,
  refundLots,
  wallets,
} from './lot-tables.js';
import { balances } from './project.js';
import {
  holdEnds,
  holds,
  paidPeriods,
  prompts,
  type WalletSettingRow,
  walletSettings,
  type WalletUseRow,
  walletUses,
} from './wallet-tables.js';

const use = (what: Partial<WalletUseRow> = {}): Pick<WalletUseRow, keyof WalletUseRow> => ({
  userId: 'u-1',
  grantedPeriodMs: undefined,
  allowancePeriodMs: undefined,
  allowanceUsed: 0n,
  testPeriodMs: undefined,
  testRuns: 0,
  uncollected: 0n,
  lastAtMs: AT,
  movedAtMs: AT,
  ...what,
});
const used = (what: Partial<WalletUseRow> = {}) => walletUses.change(use(what));
const setting = (what: Partial<WalletSettingRow>): Pick<WalletSettingRow, keyof WalletSettingRow> => ({
  userId: 'u-1',
  status: undefined,
  frozenFor: undefined,
  plan: undefined,
  planTable: undefined,
  planTableVersion: undefined,
  coverage: undefined,
  scheduledPlan: undefined,
  scheduledAtMs: undefined,
  thresholds: undefined,
  ...what,
});
const set = (what: Partial<WalletSettingRow>) => walletSettings.change(setting(what));
const draw = (lotId: string, amount: bigint) =>
  lotDraws.change({ userId: 'u-1', lotId, amount, movedAtMs: AT });
const restore = (lotId: string, what: Partial<LotRestoreRow>) =>
  lotRestores.change({
    userId: 'u-1',
    lotId,
    restored: 0n,
    reinstated: 0n,
    movedOut: 0n,
    refundedUnrestored: 0n,
    movedAtMs: AT,
    ...what,
  });
const of = (event: Parameters<typeof logged>[0]) => balances.project(logged(event));

test('opening makes a wallet whose period is granted', () => {
  expect(of(opened)).toEqual([
    wallets.change({
      userId: 'u-1',
      status: 'open',
      plan: 'PRO',
      planTable: 'standard',
      planTableVersion: 1,
      coverage: 'granted',
      openedAtMs: AT,
      grantedPeriodMs: MARCH,
      allowancePeriodMs: MARCH,
      testPeriodMs: MARCH,
      lastAtMs: AT,
      movedAtMs: AT,
    }),
  ]);
});

test('a purchase makes a lot that keeps what it cost', () => {
  const costBasis = { currency: 'USD', minorUnits: 1_000n, providerFeeMinorUnits: 59n };
  expect(of({ ...bought, costBasis })).toEqual([
    lots.change({
      userId: 'u-1',
      lotId: 'lot-1',
      kind: 'purchased',
      origin: 'purchased',
      original: 1_000n,
      remaining: 1_000n,
      addedAtMs: AT,
      movedAtMs: AT,
      expiresAtMs: undefined,
      firstRevision: 3,
      paymentId: 'pay-1',
      costCurrency: 'USD',
      costMinorUnits: 1_000n,
      costProviderFee: 59n,
    }),
  ]);
});

test('a monthly grant makes a lot that nobody has moved, and moves the granted period', () => {
  expect(of(granted)).toEqual([
    lots.change({
      userId: 'u-1',
      lotId: 'monthly-2026-03',
      kind: 'monthly',
      origin: 'monthly',
      original: 15_000_000n,
      remaining: 15_000_000n,
      addedAtMs: AT,
      movedAtMs: 0,
      expiresAtMs: APRIL,
      firstRevision: 3,
      paymentId: undefined,
      costCurrency: undefined,
      costMinorUnits: undefined,
      costProviderFee: undefined,
    }),
    used({ grantedPeriodMs: MARCH, movedAtMs: 0 }),
  ]);
});

test('charge and unlock draw from lots and write nothing else', () => {
  expect(of(charged)).toEqual([draw('monthly-2026-03', 129n), draw('lot-1', 300n)]);
  expect(of(unlocked)).toEqual([draw('lot-1', 7n)]);
});

test('an expiry takes from the lot, by time alone', () => {
  expect(of(expired)).toEqual([
    lotLosses.change({ userId: 'u-1', lotId: 'monthly-2026-02', expired: 250n, revoked: 0n, movedAtMs: 0 }),
    used({ movedAtMs: 0 }),
  ]);
});

test('what an unlimited plan covers is counted in its period; a free run moves only the time', () => {
  const [first] = charged.draws;
  expect(of({ ...charged, draws: [first!], allowance: 300n })).toEqual([
    draw('monthly-2026-03', 129n),
    used({ allowancePeriodMs: MARCH, allowanceUsed: 300n }),
  ]);
  expect(of({ ...charged, draws: [] })).toEqual([used()]);
});

test('a test run is counted when it is charged, with a hold when it is held', () => {
  const settles = { ...charged, holdId: held.holdId };
  const end = { userId: 'u-1', holdId: 'hold-1', released: false, testPeriodMs: undefined };
  const draws = [draw('monthly-2026-03', 129n), draw('lot-1', 300n)];
  expect(of({ ...charged, purpose: 'test' })).toEqual([...draws, used({ testPeriodMs: MARCH, testRuns: 1 })]);
  expect(of({ ...settles, purpose: 'test' })).toEqual([
    ...draws,
    holdEnds.change({ ...end, testPeriodMs: MARCH }),
  ]);
  expect(of(settles)).toEqual([...draws, holdEnds.change(end)]);
  expect(of({ ...settles, uncollected: 8n })).toEqual([
    ...draws,
    holdEnds.change(end),
    used({ uncollected: 8n }),
  ]);
});

test('a hold is one row with its parts; its lots are left alone', () => {
  const row = holds.change({
    userId: 'u-1',
    holdId: 'hold-1',
    runId: 'run-1',
    model: 'gpt-4',
    purpose: 'run',
    byok: false,
    creatorId: undefined,
    creatorFee: 0n,
    amount: 900n,
    allowance: 400n,
    policy: 'three-part-v1',
    rateCard: 'standard',
    rateCardVersion: 1,
    byokFeeBasisPoints: 0n,
    heldAtMs: AT,
    expiresAtMs: AT + 900_000,
    sequence: 3,
    parts: '[{"lotId":"lot-1","kind":"purchased","origin":"purchased","amount":"500"}]',
  });
  expect(of(held)).toEqual([row]);
  const test = of({ ...held, purpose: 'test' });
  expect(test).toHaveLength(2);
  expect(test[1]).toEqual(used({ testPeriodMs: MARCH, testRuns: 1 }));
});

test.each([
  ['caller', AT],
  ['revocation', AT],
  ['timeout', 0],
] as const)('a hold released by %s is over', (cause, movedAtMs) => {
  expect(of({ ...released, cause })).toEqual([
    holdEnds.change({ userId: 'u-1', holdId: 'hold-1', released: true, testPeriodMs: undefined }),
    used({ movedAtMs }),
  ]);
});

test('a refund goes back into its lot, into a refund lot, or against what is uncollected', () => {
  expect(of(refunded)).toEqual([
    restore('lot-1', { restored: 20n }),
    refundLots.change({
      userId: 'u-1',
      lotId: 'refund-1-monthly',
      sourceLotId: 'monthly-2026-02',
      origin: 'monthly',
      amount: 50n,
      addedAtMs: AT,
      expiresAtMs: APRIL,
      firstRevision: 3,
    }),
    restore('monthly-2026-02', { movedOut: 50n }),
    restore('lot-0', { refundedUnrestored: 9n }),
    used({ uncollected: -20n, allowancePeriodMs: MARCH, allowanceUsed: -10n }),
  ]);
  expect(of(flowRefunded)).toEqual([
    restore('lot-1', { restored: 7n, movedAtMs: AT + 9 }),
    used({ lastAtMs: AT + 9, movedAtMs: AT + 9 }),
  ]);
});

test('a chargeback takes what is left and records what was spent; a dispute won gives it back', () => {
  expect(of(revoked)).toEqual([
    lotLosses.change({ userId: 'u-1', lotId: 'lot-1', expired: 0n, revoked: 600n, movedAtMs: AT }),
    used({ uncollected: 390n }),
  ]);
  expect(of(reinstated)).toEqual([restore('lot-1', { reinstated: 609n }), used({ uncollected: -381n })]);
});

test('what is set for a wallet', () => {
  const fact = { userId: opened.userId, at: AT };
  expect(of(subscriptionPaid)).toEqual([
    paidPeriods.change({
      userId: 'u-1',
      paymentId: 'pay-2',
      plan: 'PRO',
      amount: 20_000_000n,
      paidAtMs: AT,
      fromMs: MARCH,
      untilMs: APRIL,
    }),
    used(),
  ]);
  const changed = {
    plan: 'PRO',
    planTable: 'standard',
    planTableVersion: 2,
    coverage: 'paid',
    scheduledPlan: '',
  };
  expect(of(planChanged)).toEqual([set(changed), used({ grantedPeriodMs: MARCH })]);
  expect(of({ ...planChanged, cause: 'unpaid' })).toEqual([
    set(changed),
    used({ grantedPeriodMs: MARCH, movedAtMs: 0 }),
  ]);
  expect(of({ type: 'PlanChangeScheduled', ...fact, plan: 'FREE', effectiveAt: APRIL })).toEqual([
    set({ scheduledPlan: 'FREE', scheduledAtMs: APRIL }),
    used(),
  ]);
  expect(of({ type: 'PlanChangeCancelled', ...fact, plan: 'FREE' })).toEqual([
    set({ scheduledPlan: '' }),
    used(),
  ]);
  expect(of({ type: 'ThresholdsSet', ...fact, thresholds: [50n, 7n] })).toEqual([
    set({ thresholds: '50,7' }),
    used(),
  ]);
  expect(of({ type: 'WalletFrozen', ...fact, reason: 'review' })).toEqual([
    set({ status: 'frozen', frozenFor: 'review' }),
    used(),
  ]);
  expect(of({ type: 'WalletUnfrozen', ...fact })).toEqual([set({ status: 'open', frozenFor: '' }), used()]);
  expect(of({ type: 'WalletClosed', ...fact })).toEqual([set({ status: 'closed', frozenFor: '' }), used()]);
});

test('a prompt is what its last event says', () => {
  const prompt = { userId: 'u-1', promptId: 'prompt-1' };
  const row = prompts.change({ ...prompt, visibility: 'private', sizeBytes: 1_200 });
  expect(of(promptCreated)).toEqual([row, used()]);
  expect(of({ ...promptCreated, type: 'PromptChanged' })).toEqual([row, used()]);
  const { userId, promptId, at } = promptCreated;
  expect(of({ type: 'PromptDeleted', userId, promptId, at })).toEqual([
    prompts.change({ ...prompt, visibility: 'deleted', sizeBytes: 0 }),
    used(),
  ]);
});

test('other events change no balance', () => {
  const { userId } = opened;
  expect(of(paid)).toEqual([]);
  expect(of(registered)).toEqual([]);
  expect(of({ type: 'BalanceThresholdCrossed', userId, at: AT, threshold: 5n, available: 4n })).toEqual([]);
});

test('draws of a batch are summed', () => {
  const row = { userId: 'u-1', lotId: 'lot-1', amount: 3n, movedAtMs: AT };
  expect(lotDraws.combine(row, { ...row, amount: 4n, movedAtMs: AT + 1 })).toEqual({
    ...row,
    amount: 7n,
    movedAtMs: AT + 1,
  });
});

test('uses within a period are summed, a later period replaces, what is given back for an earlier one is forgotten', () => {
  const march = use({ allowancePeriodMs: MARCH, allowanceUsed: 5n, testPeriodMs: MARCH, testRuns: 1 });
  const april = use({ allowancePeriodMs: APRIL, allowanceUsed: 2n, testPeriodMs: APRIL, testRuns: 1 });
  const back = use({ allowancePeriodMs: MARCH, allowanceUsed: -4n });
  expect(walletUses.combine(march, march)).toEqual({ ...march, allowanceUsed: 10n, testRuns: 2 });
  expect(walletUses.combine(march, back)).toEqual({ ...march, allowanceUsed: 1n });
  expect(walletUses.combine(march, april)).toEqual(april);
  expect(walletUses.combine(april, back)).toEqual(april);
  expect(walletUses.combine(use(), april)).toEqual(april);
  expect(walletUses.combine(april, use({ grantedPeriodMs: APRIL }))).toEqual({
    ...april,
    grantedPeriodMs: APRIL,
  });
});

test('what time alone did does not hide that somebody moved the wallet', () => {
  const rolled = use({ lastAtMs: APRIL, movedAtMs: 0 });
  expect(walletUses.combine(use(), rolled)).toEqual(use({ lastAtMs: APRIL, movedAtMs: AT }));
  const loss = { userId: 'u-1', lotId: 'lot-1', expired: 1n, revoked: 0n, movedAtMs: 0 };
  expect(lotLosses.combine({ ...loss, movedAtMs: AT }, loss)).toEqual({
    ...loss,
    expired: 2n,
    movedAtMs: AT,
  });
});

test('settings of a batch replace each other; a schedule goes with its time', () => {
  const scheduled = setting({ scheduledPlan: 'FREE', scheduledAtMs: APRIL });
  expect(walletSettings.combine(scheduled, setting({ thresholds: '5' }))).toEqual({
    ...scheduled,
    thresholds: '5',
  });
  expect(walletSettings.combine(scheduled, setting({ scheduledPlan: '' }))).toEqual(
    setting({ scheduledPlan: '' }),
  );
});

test('a hold that lapsed and was settled in one batch was released first', () => {
  const end = { userId: 'u-1', holdId: 'hold-1', released: true, testPeriodMs: undefined };
  expect(holdEnds.combine(end, { ...end, released: false, testPeriodMs: APRIL })).toEqual({
    ...end,
    testPeriodMs: APRIL,
  });
});
