import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { UserId } from '#libs/kernel/ids.js';
import { periodStart } from '#libs/kernel/period.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { freeOf, isExpired } from '#libs/ledger/wallet/lots.js';
import type { LiveWallet } from '#libs/ledger/wallet/state.js';
import { type DueKind, type DueWallet, dueWallets } from '#projections/balances/due-queries.js';
import { LedgerTraffic, TRAFFIC_TERMS } from '#test/support/event-generator.js';
import { foldLog, ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

/** Page by page, so that a page that ends between two rows alike would show. */
async function allDue(kind: DueKind, until: number, since = 0): Promise<readonly DueWallet[]> {
  const found: DueWallet[] = [];
  for (let after: DueWallet = { dueAt: since, userId: '' }; ;) {
    const { value } = await dueWallets(lab.pool, { kind, until, after, limit: 3 });
    found.push(...value);
    if (value.length < 3) return found;
    after = value.at(-1)!;
  }
}

const named = (due: readonly DueWallet[]): readonly string[] =>
  [...new Set(due.map(({ userId, dueAt }) => `${dueAt} ${userId}`))].sort();

/** True for what nobody asked for. */
function byTime(event: WalletEvent): boolean {
  switch (event.type) {
    case 'CreditsExpired':
    case 'BalanceThresholdCrossed':
      return true;
    case 'CreditsAdded':
      return event.kind === 'monthly';
    case 'HoldReleased':
      return event.cause === 'timeout';
    case 'PlanChanged':
      return event.cause !== 'upgrade';
    default:
      return false;
  }
}

/** When somebody last moved each wallet, from the log alone. */
async function movedAt(): Promise<ReadonlyMap<string, number>> {
  const moved = new Map<string, number>();
  for (const recorded of await lab.log()) {
    if (!recorded.stream.startsWith('wallet-')) continue;
    const event = decodeEvent(recorded) as WalletEvent;
    if (!byTime(event)) moved.set(event.userId, event.at);
  }
  return moved;
}

function periodDue(wallet: LiveWallet, moved: number, t: number): boolean {
  const start = periodStart(t);
  const ended = periodStart(start - 1);
  const { status, grantedPeriod, coverage, scheduled } = wallet;
  const mayFall = coverage === 'paid' || scheduled !== undefined;
  return (
    status !== 'closed' && moved >= ended && grantedPeriod < start && (grantedPeriod === ended || mayFall)
  );
}

test('the wallets that time has made something due for are those that the fold of the log says', async () => {
  const rounds = 8;
  const traffic = new LedgerTraffic(lab.store, { seed: printedSeed('due wallets', rounds), users: 12 });
  lab.run();
  const counts = { hold: 0, lot: 0, period: 0 };
  for (let round = 0; round < rounds; round++) {
    await traffic.mixed(150);
    await lab.caughtUp();
    const { wallets } = foldLog(await lab.log());
    const moved = await movedAt();
    for (const t of [traffic.now, traffic.now + traffic.random() * 3 * DAY_MS, traffic.now + 25 * DAY_MS].map(
      Math.ceil,
    )) {
      const expected: Record<DueKind, DueWallet[]> = { hold: [], lot: [], period: [] };
      for (const [userId, wallet] of wallets) {
        if (wallet.status === 'none') continue;
        for (const { expiresAt } of wallet.holds.values()) {
          if (t >= expiresAt) expected.hold.push({ userId, dueAt: expiresAt });
        }
        for (const lot of wallet.lots.active) {
          if (lot.kind !== 'monthly' && isExpired(lot, t) && freeOf(lot) > 0n) {
            expected.lot.push({ userId, dueAt: lot.expiresAt! });
          }
        }
        if (periodDue(wallet, moved.get(userId)!, t)) expected.period.push({ userId, dueAt: periodStart(t) });
        const due = [expected.hold, expected.lot, expected.period].some((kind) =>
          kind.some((each) => each.userId === userId),
        );
        if (!due) expectOnlyDormant(wallet, moved.get(userId)!, t);
      }
      for (const kind of ['hold', 'lot', 'period'] as const) {
        const found = await allDue(kind, t);
        counts[kind] += found.length;
        expect([kind, named(found)]).toEqual([kind, named(expected[kind])]);
        // In order, so that a page goes on where the one before ended.
        expect(found).toEqual([...found].sort((a, b) => a.dueAt - b.dueAt || (a.userId < b.userId ? -1 : 1)));
      }
      const lotsSince = await allDue('lot', t, traffic.now - DAY_MS);
      expect(named(lotsSince)).toEqual(
        named(expected.lot.filter(({ dueAt }) => dueAt > traffic.now - DAY_MS)),
      );
    }
  }
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10);
}, 90_000);

/** What is not due for the sweeper: nothing at all, or the period of a wallet that nobody has moved in the last one. */
function expectOnlyDormant(wallet: LiveWallet, moved: number, t: number): void {
  const { events } = advance(wallet, t, TRAFFIC_TERMS.plansAt(t));
  if (events.length === 0) return;
  const ended = periodStart(periodStart(t) - 1);
  expect({ events, dormant: moved < ended || wallet.status === 'closed' }).toMatchObject({ dormant: true });
  for (const event of events) {
    if (event.type === 'CreditsExpired') expect(event.kind).toBe('monthly');
    else expect(['CreditsAdded', 'PlanChanged']).toContain(event.type);
  }
}

test('a wallet that only the sweeper has moved is not rolled again', async () => {
  const january = Date.UTC(2026, 0, 10);
  const traffic = new LedgerTraffic(lab.store, { seed: 1, users: 3, startAt: january });
  await traffic.openAll(1_000n);
  lab.run();
  await lab.caughtUp();
  const february = Date.UTC(2026, 1, 1);
  const march = Date.UTC(2026, 2, 1);
  expect(named(await allDue('period', february))).toEqual(
    ['u-0', 'u-1', 'u-2'].map((userId) => `${february} ${userId}`),
  );
  traffic.passTo(february);
  for (const userId of ['u-0', 'u-1'])
    await traffic.toWallet(userId, [{ type: 'AdvanceWallet', userId: UserId.of(userId) }]);
  traffic.passTo(february + DAY_MS);
  await traffic.toWallet('u-1', [{ type: 'SetThresholds', userId: UserId.of('u-1'), thresholds: [] }]);
  await lab.caughtUp();
  expect(named(await allDue('period', february + 2 * DAY_MS))).toEqual([`${february} u-2`]);
  expect(named(await allDue('period', march))).toEqual([`${march} u-1`]);
});

test('what is due is found by index', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 3, users: 30 });
  await traffic.mixed(600);
  lab.run();
  await lab.caughtUp();
  await lab.owner.query('analyze');
  await lab.owner.query('set enable_seqscan = off');
  const plan = async (kind: DueKind): Promise<string> => {
    let text = '';
    let values: readonly unknown[] = [];
    const db = {
      query: (query: { readonly text: string; readonly values: readonly unknown[] }) => {
        ({ text, values } = query);
        return Promise.reject(new Error('only asked for its text'));
      },
    };
    const question = { kind, until: traffic.now, after: { dueAt: 0, userId: '' }, limit: 10 };
    await expect(dueWallets(db as never, question)).rejects.toThrow('only asked');
    const literal = text.replace(/\$(\d)/g, (_, digit: string) => {
      const value = values[Number(digit) - 1];
      return typeof value === 'number' ? `${value}` : `'${String(value)}'`;
    });
    const { rows } = await lab.owner.query<{ 'QUERY PLAN': string }>(`explain ${literal}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  expect(await plan('hold')).toMatch(/holds_by_expiry/);
  expect(await plan('lot')).toMatch(/lots_by_expiry/);
  const period = await plan('period');
  expect(period).toMatch(/wallets_by_period/);
  expect(period).toMatch(/wallets_that_may_fall/);
});

test('draws, uses and holds are HOT updates of lots and wallets beside the indexes of time', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 5, users: 10 });
  await traffic.openAll(1_000_000_000n, (index) => (index % 2 === 0 ? 'PRO' : 'ELITE'));
  const running = lab.run();
  for (let batch = 0; batch < 40; batch++) {
    await traffic.charge(20);
    await lab.caughtUp(['balances']);
  }
  // Connections report what they did when they end.
  await running.stop();
  const shares = async (): Promise<readonly { relname: string; hot: number }[]> => {
    const { rows } = await lab.owner.query<{ relname: string; hot: number }>(
      `select relname, n_tup_hot_upd::float / n_tup_upd as hot
       from pg_stat_user_tables where relname in ('lots', 'wallets') and n_tup_upd > 100 order by relname`,
    );
    return rows;
  };
  let found = await shares();
  for (let tries = 0; tries < 100 && found.length < 2; tries++) {
    await sleep(100);
    found = await shares();
  }
  expect(found.map(({ relname, hot }) => [relname, hot > 0.9])).toEqual([
    ['lots', true],
    ['wallets', true],
  ]);
}, 30_000);
