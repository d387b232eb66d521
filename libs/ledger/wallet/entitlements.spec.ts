import { PromptId, RunId } from '#libs/kernel/ids.js';
import { liveWallet, TERMS, termsWith } from '#test/support/ledger/given.js';
import { held } from '#test/support/ledger/run-builders.js';
import {
  charged,
  draw,
  granted,
  NOVEMBER_END,
  NOW,
  opened,
  OPENED_AT,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import { entitlementsOf } from './entitlements.js';
import type { WalletEvent } from './events.js';

const PLANS = TERMS.plansAt(NOW);
const prompt = (n: number, visibility: 'private' | 'public', sizeBytes: number): WalletEvent => ({
  type: 'PromptCreated',
  userId: USER,
  at: OPENED_AT,
  promptId: PromptId.of(`p-${n}`),
  visibility,
  sizeBytes,
});
const testRun = charged([], {
  purpose: 'test',
  runId: RunId.of('t-1'),
  inference: 0n,
  markup: 0n,
  total: 0n,
});

describe('entitlements answer, for every limit, allowed, used, remaining and when it resets', () => {
  test('on FREE', () => {
    const wallet = liveWallet(
      opened('FREE'),
      granted(100_000n, OPENED_AT, NOVEMBER_END),
      prompt(1, 'private', 400),
      prompt(2, 'public', 600),
      testRun,
      charged([draw('monthly-2026-11', 'monthly', 33_000n)]),
    );
    expect(entitlementsOf(wallet, NOW, PLANS)).toEqual({
      plan: 'FREE',
      coverage: 'free',
      privatePrompts: { allowed: { kind: 'limited', max: 3 }, used: 1n, remaining: 2n },
      testRuns: {
        allowed: { kind: 'limited', max: 100 },
        used: 1n,
        remaining: 99n,
        resetsAt: NOVEMBER_END,
      },
      storageBytes: {
        allowed: { kind: 'limited', max: 1_000_000_000 },
        used: 1_000n,
        remaining: 999_999_000n,
      },
      models: ['deepseek', 'gpt-3.5-turbo'],
      privateModels: false,
      byok: false,
      monthlyCredits: {
        kind: 'granted',
        granted: 100_000n,
        remaining: 67_000n,
        resetsAt: NOVEMBER_END,
      },
    });
  });

  test('on an unlimited plan: what is used, and no number for what is left', () => {
    const wallet = liveWallet(opened('ENTERPRISE'), prompt(1, 'private', 7), testRun, {
      ...charged([], { allowance: 33_000n }),
    });
    expect(entitlementsOf(wallet, NOW, PLANS)).toMatchObject({
      plan: 'ENTERPRISE',
      privatePrompts: { allowed: { kind: 'unlimited' }, used: 1n },
      testRuns: { allowed: { kind: 'unlimited' }, used: 1n, resetsAt: NOVEMBER_END },
      storageBytes: { allowed: { kind: 'custom' }, used: 7n },
      privateModels: true,
      byok: true,
      monthlyCredits: { kind: 'unlimited', used: 33_000n, resetsAt: NOVEMBER_END },
    });
    const answer = JSON.stringify(entitlementsOf(wallet, NOW, PLANS), (_name, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(answer).not.toMatch(/"remaining"|null|-1|Infinity/);
  });

  test('a fair-use limit is said beside it', () => {
    const monthly = { kind: 'unlimited', covers: ['inference'], fairUse: 50_000n } as const;
    const plans = termsWith({ plans: { ELITE: { monthly } } }).plansAt(NOW);
    expect(entitlementsOf(liveWallet(opened('ELITE')), NOW, plans).monthlyCredits).toEqual({
      kind: 'unlimited',
      used: 0n,
      fairUse: 50_000n,
      resetsAt: NOVEMBER_END,
    });
  });

  test('what a hold has reserved is not remaining', () => {
    const wallet = liveWallet(
      opened('FREE'),
      granted(100_000n, OPENED_AT, NOVEMBER_END),
      held(40_000n, [draw('monthly-2026-11', 'monthly', 40_000n)]),
    );
    expect(entitlementsOf(wallet, NOW, PLANS).monthlyCredits).toMatchObject({ remaining: 60_000n });
  });

  test('test runs of an earlier month are no longer used', () => {
    const december = NOVEMBER_END + 1;
    expect(entitlementsOf(liveWallet(opened('FREE'), testRun), december, PLANS).testRuns).toEqual({
      allowed: { kind: 'limited', max: 100 },
      used: 0n,
      remaining: 100n,
      resetsAt: Date.UTC(2027, 0, 1),
    });
  });
});
