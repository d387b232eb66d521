import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import { periodStart } from '#libs/kernel/period.js';
import type {
  CreditsAdded,
  CreditsHeld,
  CreditsReinstated,
  CreditsRevoked,
  FlowUnlockRefunded,
  HoldReleased,
  LotRestored,
  PlanChanged,
  PromptCharged,
  PromptRefunded,
  SubscriptionPaid,
  WalletEvent,
} from './events.js';
import { withHold, withoutHold } from './hold-deadlines.js';
import { addLot, changeLots, draw, expire, type Lot, lotOf, type Lots, reserve, unreserve } from './lots.js';
import { type Hold, type LiveWallet, newWallet, type Prompt, usedAt, type Wallet } from './state.js';

/** How long after its expiry a hold that lapsed may still be settled: the run was done, and is not lost. */
export const LATE_SETTLE_MS_MAX = 7 * 24 * 60 * 60 * 1000;

/** @throws when the event cannot follow the state: the log is damaged or the code is wrong. */
export function evolveWallet(wallet: Wallet, event: WalletEvent): LiveWallet {
  if (wallet.status === 'none') {
    if (event.type !== 'WalletOpened')
      throw new Error(`A wallet's first event is WalletOpened, not ${event.type}`);
    return newWallet(event);
  }
  return { ...evolveLive(wallet, event), lastAt: event.at, version: wallet.version + 1 };
}

function evolveLive(wallet: LiveWallet, event: WalletEvent): LiveWallet {
  switch (event.type) {
    case 'WalletOpened':
      throw new Error(`Wallet ${wallet.userId} is opened a second time`);
    case 'WalletClosed':
      return { ...unfrozen(wallet), status: 'closed' };
    case 'WalletFrozen':
      return { ...wallet, status: 'frozen', frozenFor: event.reason };
    case 'WalletUnfrozen':
      return { ...unfrozen(wallet), status: 'open' };
    case 'SubscriptionPaid':
      return subscriptionPaid(wallet, event);
    case 'PlanChanged':
      return planChanged(wallet, event);
    case 'PlanChangeScheduled':
      return { ...wallet, scheduled: { plan: event.plan, effectiveAt: event.effectiveAt } };
    case 'PlanChangeCancelled':
      return withoutSchedule(wallet);
    case 'CreditsAdded':
      return added(wallet, event);
    case 'CreditsExpired':
      return { ...wallet, lots: changeLots(wallet.lots, [event], expire) };
    case 'CreditsRevoked':
      return revoked(wallet, event);
    case 'CreditsReinstated':
      return reinstated(wallet, event);
    case 'CreditsHeld':
      return held(wallet, event);
    case 'HoldReleased':
      return released(wallet, event);
    case 'PromptCharged':
      return charged(wallet, event);
    case 'PromptRefunded':
      return promptRefunded(wallet, event);
    case 'FlowUnlocked':
      return { ...wallet, lots: changeLots(wallet.lots, event.draws, draw) };
    case 'FlowUnlockRefunded':
      return restored(wallet, event);
    case 'PromptCreated':
    case 'PromptChanged':
      return promptIs(wallet, event.promptId, event);
    case 'PromptDeleted':
      return promptIs(wallet, event.promptId, undefined);
    case 'ThresholdsSet':
      return { ...wallet, thresholds: event.thresholds };
    case 'BalanceThresholdCrossed':
      return wallet;
    default:
      return assertNever(event);
  }
}

function unfrozen({ frozenFor: _, ...wallet }: LiveWallet): LiveWallet {
  return wallet;
}

function withoutSchedule({ scheduled: _, ...wallet }: LiveWallet): LiveWallet {
  return wallet;
}

function subscriptionPaid(wallet: LiveWallet, { plan, from, until, at }: SubscriptionPaid): LiveWallet {
  // A payment counts for the period in which it still ran on the first day.
  const current = wallet.paid.filter((paid) => paid.until > periodStart(at));
  return { ...wallet, paid: [...current, { plan, from, until }] };
}

function planChanged(wallet: LiveWallet, { to, coverage, at }: PlanChanged): LiveWallet {
  return { ...withoutSchedule(wallet), plan: to, coverage, grantedPeriod: periodStart(at) };
}

function added(wallet: LiveWallet, event: CreditsAdded): LiveWallet {
  const { lotId: id, kind, origin, amount, at: addedAt, expiresAt, paymentId, costBasis } = event;
  const lot: Lot = {
    ...newLot({ id, kind, origin, amount, addedAt, expiresAt, paymentId }),
    ...(costBasis === undefined ? {} : { costBasis }),
  };
  return {
    ...wallet,
    lots: addLot(wallet.lots, lot),
    grantedPeriod: kind === 'monthly' ? periodStart(addedAt) : wallet.grantedPeriod,
  };
}

function revoked(wallet: LiveWallet, { paymentId, lots: parts }: CreditsRevoked): LiveWallet {
  let { lots, uncollected } = wallet;
  for (const { lotId, amount, spent } of parts) {
    uncollected += spent;
    lots = changeLots(lots, [{ lotId, amount }], (lot) => ({
      ...draw(lot, amount),
      takenBack: lot.takenBack + amount,
      ...(paymentId === undefined ? {} : { revoked: { amount, spent, refunded: 0n } }),
    }));
  }
  return { ...wallet, lots, uncollected };
}

function reinstated(wallet: LiveWallet, { lots: parts }: CreditsReinstated): LiveWallet {
  let { lots, uncollected } = wallet;
  for (const { lotId, amount, spent } of parts) {
    uncollected -= spent;
    lots = changeLots(lots, [{ lotId, amount }], ({ revoked: taken, ...lot }) => ({
      ...lot,
      remaining: lot.remaining + amount,
      takenBack: lot.takenBack - (taken?.amount ?? 0n),
    }));
  }
  return { ...wallet, lots, uncollected };
}

function held(wallet: LiveWallet, { type: _, ...event }: CreditsHeld): LiveWallet {
  const hold: Hold = { ...event, sequence: wallet.version };
  return {
    ...wallet,
    lots: changeLots(wallet.lots, event.parts, reserve),
    holds: withHold(wallet.holds, hold),
    allowanceHeld: wallet.allowanceHeld + event.allowance,
    testRuns: event.purpose === 'test' ? countTestRun(wallet, event.at) : wallet.testRuns,
  };
}

function released(wallet: LiveWallet, { holdId, cause, at }: HoldReleased): LiveWallet {
  const hold = wallet.holds.get(holdId);
  if (hold === undefined) throw new Error(`Wallet ${wallet.userId} has no open hold ${holdId}`);
  return {
    ...freed(wallet, hold),
    lapsedHolds: cause === 'caller' ? wallet.lapsedHolds : withLapsed(wallet.lapsedHolds, hold, at),
    testRuns: uncountTestRun(wallet, hold),
  };
}

/**
 * With one more lapsed hold. Those that cannot be settled any more at `t` are looked for only when the number is a power
 * of two: otherwise thousands of holds that lapse together would cost their square.
 */
function withLapsed(holds: LiveWallet['lapsedHolds'], hold: Hold, t: number): LiveWallet['lapsedHolds'] {
  const looks = (holds.size & (holds.size - 1)) === 0;
  const gone = looks ? holds.values().filter(({ expiresAt }) => t > expiresAt + LATE_SETTLE_MS_MAX) : [];
  return gone.reduce((left, { holdId }) => left.without(holdId), holds).with(hold.holdId, hold);
}

/** The wallet without an open hold: what it had reserved is free again. */
function freed(wallet: LiveWallet, hold: Hold): LiveWallet {
  return {
    ...wallet,
    lots: changeLots(wallet.lots, hold.parts, unreserve),
    holds: withoutHold(wallet.holds, hold.holdId),
    allowanceHeld: wallet.allowanceHeld - hold.allowance,
  };
}

function charged(before: LiveWallet, event: PromptCharged): LiveWallet {
  const hold = event.holdId === undefined ? undefined : before.holds.get(event.holdId);
  const wallet = hold === undefined ? before : freed(before, hold);
  // The hold has counted the test run already.
  const counts = event.purpose === 'test' && hold === undefined;
  return {
    ...wallet,
    lots: changeLots(wallet.lots, event.draws, draw),
    lapsedHolds: event.holdId === undefined ? wallet.lapsedHolds : wallet.lapsedHolds.without(event.holdId),
    allowance: event.allowance > 0n ? useAllowance(wallet, event.at, event.allowance) : wallet.allowance,
    testRuns: counts ? countTestRun(wallet, event.at) : wallet.testRuns,
    uncollected: wallet.uncollected + event.uncollected,
  };
}

function promptRefunded(before: LiveWallet, event: PromptRefunded): LiveWallet {
  const wallet = restored(before, event);
  // Use of an earlier period is gone with it.
  const samePeriod = wallet.allowance.period === periodStart(event.chargedAt);
  return {
    ...wallet,
    uncollected: wallet.uncollected - event.uncollected,
    allowance:
      event.allowance > 0n && samePeriod
        ? { ...wallet.allowance, used: wallet.allowance.used - event.allowance }
        : wallet.allowance,
  };
}

function restored(wallet: LiveWallet, event: PromptRefunded | FlowUnlockRefunded): LiveWallet {
  let { lots, uncollected } = wallet;
  for (const part of event.restored) {
    lots = restoreLot(lots, part, event.at);
    if (part.into === 'revoked') uncollected -= part.amount;
  }
  return { ...wallet, lots, uncollected };
}

function restoreLot(lots: Lots, part: LotRestored, at: number): Lots {
  const { into, lotId, amount } = part;
  switch (into) {
    case 'lot':
      return changeLots(lots, [part], (lot) => ({ ...lot, remaining: lot.remaining + amount }));
    case 'revoked':
      return changeLots(lots, [part], (lot) =>
        lot.revoked === undefined
          ? lot
          : { ...lot, revoked: { ...lot.revoked, refunded: lot.revoked.refunded + amount } },
      );
    case 'refund_lot':
      return addLot(
        changeLots(lots, [part], (lot) => ({ ...lot, movedOut: lot.movedOut + amount })),
        refundLot(lotOf(lots, lotId), part, at),
      );
    default:
      return assertNever(into);
  }
}

function refundLot(source: Lot, { refundLotId, amount, expiresAt }: LotRestored, at: number): Lot {
  if (refundLotId === undefined) throw new Error(`The refund lot for ${source.id} has no id`);
  const { origin, paymentId } = source;
  return newLot({ id: refundLotId, kind: 'refund', origin, amount, addedAt: at, expiresAt, paymentId });
}

interface LotBegun extends Pick<Lot, 'id' | 'kind' | 'origin' | 'addedAt'> {
  readonly amount: Credits;
  readonly expiresAt: number | undefined;
  readonly paymentId: string | undefined;
}

/** A lot of which nothing was used yet. */
function newLot({ id, kind, origin, amount, addedAt, expiresAt, paymentId }: LotBegun): Lot {
  return {
    id,
    kind,
    origin,
    original: amount,
    remaining: amount,
    reserved: 0n,
    expired: 0n,
    takenBack: 0n,
    movedOut: 0n,
    addedAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(paymentId === undefined ? {} : { paymentId }),
  };
}

/** Replaces a prompt (undefined: there is none) and keeps what is counted of prompts. */
function promptIs(wallet: LiveWallet, promptId: string, now: Prompt | undefined): LiveWallet {
  const before = wallet.prompts.get(promptId);
  const count = (prompt: Prompt | undefined): number => (prompt?.visibility === 'private' ? 1 : 0);
  const bytes = (prompt: Prompt | undefined): bigint => BigInt(prompt?.sizeBytes ?? 0);
  return {
    ...wallet,
    prompts:
      now === undefined
        ? wallet.prompts.without(promptId)
        : wallet.prompts.with(promptId, { visibility: now.visibility, sizeBytes: now.sizeBytes }),
    privatePrompts: wallet.privatePrompts + count(now) - count(before),
    storageBytes: wallet.storageBytes + bytes(now) - bytes(before),
  };
}

function useAllowance(wallet: LiveWallet, at: number, amount: Credits): LiveWallet['allowance'] {
  return { period: periodStart(at), used: usedAt(wallet.allowance, at, 0n) + amount };
}

function countTestRun(wallet: LiveWallet, at: number): LiveWallet['testRuns'] {
  return { period: periodStart(at), used: usedAt(wallet.testRuns, at, 0) + 1 };
}

/** A run that did not take place is not counted, in the period in which its hold was made. */
function uncountTestRun(wallet: LiveWallet, hold: Hold): LiveWallet['testRuns'] {
  const counted = hold.purpose === 'test' && wallet.testRuns.period === periodStart(hold.at);
  return counted ? { ...wallet.testRuns, used: wallet.testRuns.used - 1 } : wallet.testRuns;
}
