import { RunId } from '#libs/kernel/ids.js';
import type { MonthlyCredits } from '../plans/plan-table.js';
import { given, liveWallet, termsWith } from '#test/support/ledger/given.js';
import {
  added,
  charge,
  charged,
  CREATOR,
  draw,
  NOW,
  opened,
  tokens,
  unlock,
  unlocked,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import type { WalletEvent } from './events.js';

const funded = (amount: bigint): WalletEvent[] => [opened('ELITE'), added('lot-a', 'purchased', amount)];
/** A wallet without an allowance: its monthly lot is spent. */
const free = (amount: bigint): WalletEvent[] => [opened(), added('lot-a', 'purchased', amount)];

/** ELITE with another allowance than the shipped one. */
const elite = (monthly: MonthlyCredits) => termsWith({ plans: { ELITE: { monthly } } });

describe('charge a prompt', () => {
  test('keeps every component, policy and rate card, and names the lots drawn', () => {
    given(...free(40_000n))
      .when(charge())
      .then(charged([draw('lot-a', 'purchased', 33_000n)]));
  });

  test('to the last credit', () => {
    given(...free(33_000n))
      .when(charge())
      .then(charged([draw('lot-a', 'purchased', 33_000n)]));
    expect(liveWallet(...free(33_000n), charged([draw('lot-a', 'purchased', 33_000n)])).lots.active).toEqual(
      [],
    );
  });

  test('with a creator fee: shares instead of markup', () => {
    given(...free(40_000n))
      .when(charge({ creatorId: CREATOR, creatorFee: 1_003n, ranAt: NOW - 5 }))
      .then(
        charged([draw('lot-a', 'purchased', 31_003n)], {
          creatorId: CREATOR,
          ranAt: NOW - 5,
          markup: 0n,
          creatorFee: 1_003n,
          creatorShare: 803n,
          platformShare: 200n,
          total: 31_003n,
        }),
      );
  });

  test("a creator's own prompt: no fee, no share, the creator stays named", () => {
    given(...free(40_000n))
      .when(charge({ creatorId: USER, creatorFee: 1_003n }))
      .then(charged([draw('lot-a', 'purchased', 33_000n)], { creatorId: USER }));
  });

  test('a run that costs nothing draws nothing and is charged on an empty wallet', () => {
    const nothing = { inference: 0n, markup: 0n, total: 0n, ...tokens(0) };
    given(opened())
      .when(charge({ tokens: tokens(0) }))
      .then(charged([], nothing));
    given(opened())
      .when(charge({ byok: true }))
      .then(charged([], { inference: 0n, markup: 0n, total: 0n, byok: true }));
  });

  test('the alias is charged by its model and kept as requested', () => {
    const monthly = { kind: 'granted', planCredits: 0n } as const;
    given(opened('ENTERPRISE'), added('lot-a', 'purchased', 40_000n))
      .when(charge({ model: 'claude-3-opus-200k' }), {
        terms: termsWith({ plans: { ENTERPRISE: { monthly } } }),
      })
      .then(
        charged([draw('lot-a', 'purchased', 16_500n)], {
          model: 'claude-3-opus-200k',
          inference: 15_000n,
          markup: 1_500n,
          total: 16_500n,
        }),
      );
  });

  test('never before the last event of the stream', () => {
    const late = added('lot-b', 'promo', 5n, { at: NOW + 1_000 });
    given(...free(33_000n), late)
      .when(charge())
      .then(charged([draw('lot-b', 'promo', 5n), draw('lot-a', 'purchased', 32_995n)], { at: NOW + 1_000 }));
  });
});

describe('a charge is refused, one row a refusal, in the order they are checked', () => {
  // Each row has every fault of the rows below it as well: the order is what is proven.
  const allWrong = charge({ model: 'gpt-5', tokens: tokens(10_000_000) });
  const ran = charged([], { total: 0n, inference: 0n, markup: 0n });
  const rows = [
    ['wallet.not_found', [], allWrong, { code: 'wallet.not_found' }],
    ['run.already_charged', [opened(), ran], allWrong, { code: 'run.already_charged', chargedAtRevision: 1 }],
    ['model.unpriced', [opened()], allWrong, { code: 'model.unpriced', model: 'gpt-5' }],
    [
      'wallet.insufficient_credits',
      free(32_999n),
      charge(),
      { code: 'wallet.insufficient_credits', needed: 33_000n, available: 32_999n },
    ],
  ] as const;
  test.each(rows)('%s', (_code, history, command, refusal) => {
    given(...history)
      .when(command)
      .thenRefused(refusal);
  });

  test('an unpriced model is refused on BYOK and on an unlimited plan too, never free', () => {
    given(opened('ELITE'))
      .when(charge({ model: 'gpt-5', byok: true }))
      .thenRefused({ code: 'model.unpriced', model: 'gpt-5' });
  });

  test('a lapsed lot is not available', () => {
    given(opened(), added('a', 'purchased', 50_000n, { expiresAt: NOW }))
      .when(charge())
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 33_000n, available: 0n });
  });

  test('a run of another id is another run', () => {
    given(...funded(1n), ran)
      .when(charge({ runId: RunId.of('run-2') }))
      .then(charged([], { runId: RunId.of('run-2'), allowance: 33_000n }));
  });
});

describe('an unlimited plan', () => {
  const withFee = charge({ creatorId: CREATOR, creatorFee: 1_000n });
  const feeParts = {
    creatorId: CREATOR,
    markup: 0n,
    creatorFee: 1_000n,
    creatorShare: 800n,
    platformShare: 200n,
    total: 31_000n,
  };
  const fairUse = elite({
    kind: 'unlimited',
    covers: ['inference', 'markup', 'byokFee'],
    fairUse: 50_000n,
  });

  test('covers inference and markup, and touches no lot', () => {
    given(...funded(99n))
      .when(charge())
      .then(charged([], { allowance: 33_000n }));
  });

  test('covers the BYOK fee', () => {
    const terms = termsWith({ pricing: { byokFeeBasisPoints: 100n } });
    given(...funded(99n))
      .when(charge({ byok: true }), { terms })
      .then(
        charged([], { byok: true, inference: 0n, markup: 0n, byokFee: 300n, total: 300n, allowance: 300n }),
      );
  });

  test('never covers a creator fee: it draws lots', () => {
    given(...funded(1_500n))
      .when(withFee)
      .then(charged([draw('lot-a', 'purchased', 1_000n)], { ...feeParts, allowance: 30_000n }));
  });

  test('insufficient credits names the part no allowance covers', () => {
    given(...funded(999n))
      .when(withFee)
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 1_000n, available: 999n });
  });

  test('one charge may be split at the fair-use limit', () => {
    const first = charged([], { allowance: 33_000n, runId: RunId.of('run-0') });
    given(...funded(20_000n), first)
      .when(charge(), { terms: fairUse })
      .then(charged([draw('lot-a', 'purchased', 16_000n)], { allowance: 17_000n }));
  });

  test('past the fair-use limit lots pay all of it; needed says so', () => {
    const first = charged([], { allowance: 50_000n, runId: RunId.of('run-0') });
    given(...funded(33_000n), first)
      .when(charge(), { terms: fairUse })
      .then(charged([draw('lot-a', 'purchased', 33_000n)]));
    given(...funded(32_999n), first)
      .when(charge(), { terms: fairUse })
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 33_000n, available: 32_999n });
  });

  test('the fair-use limit counts the calendar month alone', () => {
    const october = charged([], { allowance: 50_000n, runId: RunId.of('run-0'), at: Date.UTC(2026, 9, 31) });
    given(opened('ELITE', Date.UTC(2026, 9, 1)), october)
      .when(charge(), { terms: fairUse })
      .then(charged([], { allowance: 33_000n }));
  });

  test('which components it covers is plan data', () => {
    const terms = elite({ kind: 'unlimited', covers: ['inference'] });
    given(...funded(3_000n))
      .when(charge(), { terms })
      .then(charged([draw('lot-a', 'purchased', 3_000n)], { allowance: 30_000n }));
  });

  test('unlocks draw lots', () => {
    given(...funded(9n))
      .when(unlock(10n))
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 10n, available: 9n });
  });
});

describe('unlock a flow', () => {
  test('80 % to the creator, 20 % to the platform, drawn from lots', () => {
    given(...funded(99n))
      .when(unlock(99n))
      .then(unlocked(99n, [80n, 19n], [draw('lot-a', 'purchased', 99n)]));
  });

  const bought = unlocked(7n, [6n, 1n], [draw('lot-a', 'purchased', 7n)]);
  test.each([
    ['wallet.not_found', [], unlock(100n, { creatorId: USER }), { code: 'wallet.not_found' }],
    ['flow.own_flow', [...funded(9n), bought], unlock(100n, { creatorId: USER }), { code: 'flow.own_flow' }],
    ['flow.already_unlocked', [...funded(9n), bought], unlock(100n), { code: 'flow.already_unlocked' }],
    [
      'wallet.insufficient_credits',
      funded(9n),
      unlock(10n),
      { code: 'wallet.insufficient_credits', needed: 10n, available: 9n },
    ],
  ] as const)('is refused: %s', (_code, history, command, refusal) => {
    given(...history)
      .when(command)
      .thenRefused(refusal);
  });
});
