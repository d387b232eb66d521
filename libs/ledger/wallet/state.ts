import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import { GrowingMap } from '#libs/kernel/growing-map.js';
import type { UserId } from '#libs/kernel/ids.js';
import { periodStart } from '#libs/kernel/period.js';
import type { PlanName } from '../plans/plan-table.js';
import type { CreditsAdded, WalletEvent, WalletOpened } from './events.js';
import { applyDraws, insertLot, type Lot } from './lots.js';

/** What a wallet needs to know about itself to decide; folded from its stream. */
export interface OpenWallet {
  readonly status: 'open';
  readonly userId: UserId;
  readonly plan: PlanName;
  /** Lots with something left, in burn order; lapsed ones too until their expiry is recorded. */
  readonly lots: readonly Lot[];
  /** First millisecond of the last period whose monthly credits were granted or, on an unlimited plan, begun. */
  readonly grantedPeriod: number;
  /** Credits an unlimited plan covered in the period that starts at `period`. */
  readonly allowance: { readonly period: number; readonly used: Credits };
  /** Time of the stream's last event: a stream never runs backwards. */
  readonly lastAt: number;
  /** Events folded so far; the next event gets this revision. */
  readonly version: number;
  /** Business ids used, with the revision that used them: a second fence behind idempotency keys. */
  readonly runs: GrowingMap<number>;
  readonly flows: GrowingMap<number>;
  readonly payments: GrowingMap<number>;
}

export type Wallet = { readonly status: 'none'; readonly version: 0 } | OpenWallet;

export const NO_WALLET: Wallet = { status: 'none', version: 0 };

/** @throws when the event cannot follow the state: the log is damaged or the code is wrong. */
export function evolveWallet(wallet: Wallet, event: WalletEvent): OpenWallet {
  if (wallet.status === 'none') {
    if (event.type !== 'WalletOpened')
      throw new Error(`A wallet's first event is WalletOpened, not ${event.type}`);
    return opened(event);
  }
  return { ...evolveOpen(wallet, event), lastAt: event.at, version: wallet.version + 1 };
}

function opened(event: WalletOpened): OpenWallet {
  const period = periodStart(event.at);
  return {
    status: 'open',
    userId: event.userId,
    plan: event.plan,
    lots: [],
    grantedPeriod: period,
    allowance: { period, used: 0n },
    lastAt: event.at,
    version: 1,
    runs: GrowingMap.empty(),
    flows: GrowingMap.empty(),
    payments: GrowingMap.empty(),
  };
}

function evolveOpen(wallet: OpenWallet, event: WalletEvent): OpenWallet {
  switch (event.type) {
    case 'WalletOpened':
      throw new Error(`Wallet ${wallet.userId} is opened a second time`);
    case 'CreditsAdded':
      return added(wallet, event);
    case 'CreditsExpired':
      return { ...wallet, lots: applyDraws(wallet.lots, [event]) };
    case 'PromptCharged':
      return {
        ...wallet,
        lots: applyDraws(wallet.lots, event.draws),
        allowance: event.allowance > 0n ? usedAllowance(wallet, event.at, event.allowance) : wallet.allowance,
        runs: wallet.runs.with(event.runId, wallet.version),
      };
    case 'FlowUnlocked':
      return {
        ...wallet,
        lots: applyDraws(wallet.lots, event.draws),
        flows: wallet.flows.with(event.flowId, wallet.version),
      };
    default:
      return assertNever(event);
  }
}

function added(wallet: OpenWallet, event: CreditsAdded): OpenWallet {
  const lot: Lot = {
    id: event.lotId,
    kind: event.kind,
    origin: event.origin,
    original: event.amount,
    remaining: event.amount,
    addedAt: event.at,
    ...(event.expiresAt === undefined ? {} : { expiresAt: event.expiresAt }),
    ...(event.paymentId === undefined ? {} : { paymentId: event.paymentId }),
  };
  return {
    ...wallet,
    lots: insertLot(wallet.lots, lot),
    grantedPeriod: event.kind === 'monthly' ? periodStart(event.at) : wallet.grantedPeriod,
    payments:
      event.paymentId === undefined ? wallet.payments : wallet.payments.with(event.paymentId, wallet.version),
  };
}

function usedAllowance(wallet: OpenWallet, at: number, amount: Credits): OpenWallet['allowance'] {
  const period = periodStart(at);
  const before = wallet.allowance.period === period ? wallet.allowance.used : 0n;
  return { period, used: before + amount };
}
