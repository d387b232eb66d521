import { FlowId, RefundId, RunId } from '#libs/kernel/ids.js';
import { given, liveWallet } from '#test/support/ledger/given.js';
import {
  DAY_MS,
  flowRefunded,
  HOLD,
  held,
  lotRevoked,
  parts,
  refund,
  refundFlow,
  refunded,
  revoked,
} from '#test/support/ledger/run-builders.js';
import {
  added,
  charged,
  CREATOR,
  draw,
  expired,
  NOW,
  opened,
  unlock,
  unlocked,
} from '#test/support/ledger/wallet-builders.js';
import type { WalletEvent } from './events.js';

const REFUND_LOT = 'refund-0123456789abcdef-0';
const bought = (amount: bigint): WalletEvent[] => [opened(), added('a', 'purchased', amount)];
const run = charged([draw('a', 'purchased', 33_000n)]);
const whole = parts({ inference: 30_000n, markup: 3_000n });

describe('refund a run', () => {
  test('a full refund reverses the charge to the credit, into the lot that paid', () => {
    given(...bought(33_000n), run)
      .when(refund())
      .then(
        refunded(33_000n, { parts: whole, restored: [{ ...draw('a', 'purchased', 33_000n), into: 'lot' }] }),
      );
    const after = liveWallet(
      ...bought(33_000n),
      run,
      refunded(33_000n, { parts: whole, restored: [{ ...draw('a', 'purchased', 33_000n), into: 'lot' }] }),
    );
    expect(after.lots.active).toEqual(liveWallet(...bought(33_000n)).lots.active);
  });

  test('a part is spread by running floors over what is left of the components, in their order', () => {
    const dear = charged([draw('a', 'purchased', 100n)], {
      inference: 50n,
      markup: 0n,
      creatorFee: 50n,
      creatorShare: 40n,
      platformShare: 10n,
      creatorId: CREATOR,
      total: 100n,
    });
    // S = 50, 60, 100; 7 of 100: floor(3.5) = 3, floor(4.2) = 4, 7.
    given(...bought(100n), dear)
      .when(refund(7n))
      .then(
        refunded(7n, {
          creatorId: CREATOR,
          parts: parts({ inference: 3n, platformShare: 1n, creatorShare: 3n }),
          restored: [{ ...draw('a', 'purchased', 7n), into: 'lot' }],
        }),
      );
  });

  test('a second refund spreads what the first has left', () => {
    const first = refunded(1_000n, {
      refundId: RefundId.of('refund-0'),
      parts: parts({ inference: 909n, markup: 91n }),
      restored: [{ ...draw('a', 'purchased', 1_000n), into: 'lot' }],
    });
    given(...bought(33_000n), run, first)
      .when(refund())
      .then(
        refunded(32_000n, {
          parts: parts({ inference: 29_091n, markup: 2_909n }),
          refunded: whole,
          restored: [{ ...draw('a', 'purchased', 32_000n), into: 'lot' }],
        }),
      );
  });

  test('on the paying side: first what is uncollected, then lots last drawn first, then the allowance', () => {
    const mixed = charged([draw('m', 'monthly', 10n), draw('a', 'purchased', 20n)], {
      inference: 100n,
      markup: 0n,
      total: 100n,
      allowance: 40n,
      uncollected: 30n,
      holdId: HOLD,
    });
    const history = [...bought(20n), added('m', 'monthly', 10n), held(0n, []), mixed];
    const restored = (lot: 'a' | 'm', amount: bigint) => ({
      ...draw(lot, lot === 'a' ? 'purchased' : 'monthly', amount),
      into: 'lot' as const,
    });
    const after = (amount: bigint, more: object) =>
      given(...history)
        .when(refund(amount))
        .then(refunded(amount, { parts: parts({ inference: amount }), restored: [], ...more }));
    after(30n, { uncollected: 30n });
    after(31n, { uncollected: 30n, restored: [restored('a', 1n)] });
    after(55n, { uncollected: 30n, restored: [restored('a', 20n), restored('m', 5n)] });
    after(100n, {
      uncollected: 30n,
      restored: [restored('a', 20n), restored('m', 10n)],
      allowance: 40n,
    });
  });

  test('a part of an expired lot becomes a refund lot that keeps its origin and lives 30 days', () => {
    const lapses = NOW + DAY_MS;
    const history = [
      opened(),
      added('p', 'promo', 40_000n, { expiresAt: lapses, origin: 'adjustment' }),
      charged([draw('p', 'promo', 33_000n, 'adjustment')]),
      expired('p', 'promo', 7_000n, lapses, 'adjustment'),
    ];
    const event = refunded(33_000n, {
      at: lapses,
      parts: whole,
      restored: [
        {
          ...draw('p', 'promo', 33_000n, 'adjustment'),
          into: 'refund_lot',
          refundLotId: REFUND_LOT,
          expiresAt: lapses + 30 * DAY_MS,
        },
      ],
    });
    given(...history)
      .when(refund(), { at: lapses })
      .then(event);
    expect(liveWallet(...history, event).lots.active).toMatchObject([
      { id: REFUND_LOT, kind: 'refund', origin: 'adjustment', remaining: 33_000n },
    ]);
  });

  test('of purchased origin the refund lot has no end', () => {
    const lapses = NOW + DAY_MS;
    const history = [opened(), added('a', 'purchased', 33_000n, { expiresAt: lapses }), run];
    given(...history)
      .when(refund(), { at: lapses })
      .then(
        refunded(33_000n, {
          at: lapses,
          parts: whole,
          restored: [{ ...draw('a', 'purchased', 33_000n), into: 'refund_lot', refundLotId: REFUND_LOT }],
        }),
      );
  });

  test('a part of a revoked lot is not restored: it lowers what is uncollected', () => {
    const paid = added('a', 'purchased', 33_000n, { paymentId: 'pay-1' as never });
    const gone = revoked([lotRevoked(draw('a', 'purchased', 0n), 33_000n)]);
    const event = refunded(1_000n, {
      parts: parts({ inference: 909n, markup: 91n }),
      restored: [{ ...draw('a', 'purchased', 1_000n), into: 'revoked' }],
    });
    given(opened(), paid, run, gone).when(refund(1_000n)).then(event);
    const wallet = liveWallet(opened(), paid, run, gone, event);
    expect(wallet.uncollected).toBe(32_000n);
    expect(wallet.lots.active).toEqual([]);
  });

  test("gives the allowance of the charge's own month back, not that of an earlier one", () => {
    const covered = charged([], { allowance: 33_000n });
    const event = refunded(33_000n, { parts: whole, restored: [], allowance: 33_000n });
    expect(liveWallet(opened('ELITE'), covered, event).allowance.used).toBe(0n);
    const next = charged([], { allowance: 5n, runId: RunId.of('run-2'), at: Date.UTC(2026, 11, 2) });
    expect(
      liveWallet(opened('ELITE'), covered, next, { ...event, at: Date.UTC(2026, 11, 3) }).allowance.used,
    ).toBe(5n);
  });

  test('a refunded run id stays used', () => {
    const event = refunded(33_000n, { parts: whole, restored: [] });
    expect(
      given(...bought(33_000n), run, event).when({
        type: 'ChargePrompt',
        userId: run.userId,
        runId: run.runId,
        model: 'gpt-4',
        tokens: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 },
        creatorFee: 0n,
        byok: false,
        purpose: 'run',
      }).decision,
    ).toEqual({ kind: 'refused', refusal: { code: 'run.already_charged', chargedAtRevision: 2 } });
  });

  test('more than is left, or when nothing is left, is refund.exceeds_charge', () => {
    given(...bought(33_000n), run)
      .when(refund(33_001n))
      .thenRefused({ code: 'refund.exceeds_charge', remaining: 33_000n });
    const all = refunded(33_000n, { refundId: RefundId.of('r-0'), parts: whole, restored: [] });
    given(...bought(33_000n), run, all)
      .when(refund())
      .thenRefused({ code: 'refund.exceeds_charge', remaining: 0n });
    const free = charged([], { inference: 0n, markup: 0n, total: 0n });
    given(opened(), free).when(refund()).thenRefused({ code: 'refund.exceeds_charge', remaining: 0n });
  });
});

describe('refund an unlock', () => {
  const unlockEvent = unlocked(99n, [80n, 19n], [draw('p', 'promo', 90n), draw('a', 'purchased', 9n)]);
  const history = [...bought(9n), added('p', 'promo', 90n), unlockEvent];
  const event = flowRefunded(
    99n,
    [80n, 19n],
    [
      { ...draw('a', 'purchased', 9n), into: 'lot' },
      { ...draw('p', 'promo', 90n), into: 'lot' },
    ],
  );

  test('reverses it as a whole, last drawn first', () => {
    given(...history)
      .when(refundFlow())
      .then(event);
  });

  test('once: nothing is left after it, and the unlock stays used', () => {
    given(...history, event)
      .when(refundFlow({ refundId: RefundId.of('refund-2') }))
      .thenRefused({ code: 'refund.exceeds_charge', remaining: 0n });
    given(...history, event)
      .when(unlock(1n))
      .thenRefused({ code: 'flow.already_unlocked' });
  });

  test('of a flow that was not unlocked', () => {
    given(...history)
      .when(refundFlow({ flowId: FlowId.of('other') }))
      .thenRefused({ code: 'flow.not_unlocked' });
  });

  test('refund ids are one space for runs and flows', () => {
    given(...history, event, { ...run, draws: [], allowance: 33_000n })
      .when(refund())
      .thenRefused({ code: 'refund.id_used' });
  });
});
