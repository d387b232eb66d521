import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { PayoutFailed } from '../creator/events.js';
import type { LedgerEvent } from '../events.js';
import type {
  CreditsReinstated,
  CreditsRevoked,
  FlowUnlockRefunded,
  LotDraw,
  LotRestored,
  PromptCharged,
  PromptRefunded,
} from '../wallet/events.js';
import { LOT_KINDS, type LotOrigin, type RevokeReason } from '../wallet/vocabulary.js';

/** One side of a journal entry: credit is positive, debit negative. */
export interface Posting {
  readonly account: string;
  readonly amount: Credits;
}

const CASH = 'platform:cash';
const PAYOUTS = 'platform:payouts';
const ALLOWANCE = 'platform:allowance_expense';
const ADJUSTMENTS = 'platform:adjustments';
const UNCOLLECTED = 'expense:uncollected';
const BREAKAGE = 'revenue:breakage';
const CREATOR_FEE_SHARE = 'revenue:creator_fee_share';

// The account opposite a lot when it comes in (domain rules, section 5).
const SOURCE_OF: Readonly<Record<LotOrigin, string>> = {
  purchased: CASH,
  promo: 'platform:promo_expense',
  monthly: ALLOWANCE,
  adjustment: ADJUSTMENTS,
  legacy: 'platform:opening',
};

// The account a lapsed lot goes to: what was bought is breakage, what was given returns to its expense.
const EXPIRY_OF: Readonly<Record<LotOrigin, string>> = { ...SOURCE_OF, purchased: BREAKAGE };

/**
 * The journal entry of an event: postings that sum to zero, none of amount zero, one an account (domain rules,
 * section 5). Events that move nothing have none.
 */
export function postingsOf(event: LedgerEvent): readonly Posting[] {
  switch (event.type) {
    case 'CreditsAdded':
      return entry(
        [wallet(event.userId, event.kind), event.amount],
        [SOURCE_OF[event.origin], -event.amount],
      );
    case 'CreditsExpired':
      return entry(
        [wallet(event.userId, event.kind), -event.amount],
        [EXPIRY_OF[event.origin], event.amount],
      );
    case 'CreditsRevoked':
      return mergedEntry(revokedSides(event, takenTo(event.reason)).map(opposite));
    case 'CreditsReinstated':
      return mergedEntry(revokedSides(event, CASH));
    case 'PromptCharged':
      return entry(...drawn(event.userId, event.draws), ...chargeSides(event));
    case 'PromptRefunded':
      return mergedEntry([...promptRefundSides(event), ...restored(event.userId, event.restored)]);
    case 'FlowUnlocked':
      return entry(...drawn(event.userId, event.draws), ...shares(event));
    case 'FlowUnlockRefunded':
      return mergedEntry([...shares(event).map(opposite), ...restored(event.userId, event.restored)]);
    case 'SubscriptionPaid':
      return entry([CASH, -event.amount], ['revenue:subscription', event.amount]);
    case 'CreatorPaid':
      return moved(event.amount, clearing(event.creatorId), payable(event.creatorId));
    case 'CreatorEarningsReversed':
      return moved(event.amount, payable(event.creatorId), clearing(event.creatorId));
    case 'PayoutRequested':
      return moved(event.amount, payable(event.creatorId), inPayout(event.creatorId));
    case 'PayoutSent':
      return moved(event.amount, inPayout(event.creatorId), PAYOUTS);
    case 'PayoutSettled':
      return moved(event.amount, PAYOUTS, CASH);
    case 'PayoutFailed':
      return moved(event.amount, whereItStood(event), payable(event.creatorId));
    case 'WalletOpened':
    case 'WalletClosed':
    case 'WalletFrozen':
    case 'WalletUnfrozen':
    case 'PlanChanged':
    case 'PlanChangeScheduled':
    case 'PlanChangeCancelled':
    case 'CreditsHeld':
    case 'HoldReleased':
    case 'PromptCreated':
    case 'PromptChanged':
    case 'PromptDeleted':
    case 'ThresholdsSet':
    case 'BalanceThresholdCrossed':
    case 'PaymentRegistered':
    case 'PayoutDestinationVerified':
    case 'RateCardPublished':
    case 'PolicyActivated':
    case 'PlansPublished':
      return [];
    default:
      return assertNever(event);
  }
}

type Side = readonly [account: string, amount: Credits];

/** The sides that are not zero; no account may be among them twice. */
function entry(...sides: readonly Side[]): readonly Posting[] {
  const postings: Posting[] = [];
  for (const [account, amount] of sides) if (amount !== 0n) postings.push({ account, amount });
  return postings;
}

/** As `entry`, of sides that may name an account more than once. */
function mergedEntry(sides: readonly Side[]): readonly Posting[] {
  const sums = new Map<string, Credits>();
  for (const [account, amount] of sides) sums.set(account, (sums.get(account) ?? 0n) + amount);
  return entry(...sums);
}

const opposite = ([account, amount]: Side): Side => [account, -amount];
const moved = (amount: Credits, from: string, to: string): readonly Posting[] =>
  entry([from, -amount], [to, amount]);

const wallet = (userId: string, kind: string): string => `wallet:${userId}:${kind}`;
const clearing = (creatorId: string): string => `clearing:creator:${creatorId}`;
const payable = (creatorId: string): string => `creator:${creatorId}:payable`;
const inPayout = (creatorId: string): string => `creator:${creatorId}:in_payout`;

function drawn(userId: string, draws: readonly LotDraw[]): Side[] {
  if (draws.length === 1) return [[wallet(userId, draws[0]!.kind), -draws[0]!.amount]];
  return LOT_KINDS.map((kind): Side => {
    const amount = draws.reduce((sum, draw) => (draw.kind === kind ? sum + draw.amount : sum), 0n);
    return [wallet(userId, kind), -amount];
  });
}

function chargeSides(event: PromptCharged): Side[] {
  return [
    [ALLOWANCE, -event.allowance],
    [UNCOLLECTED, -event.uncollected],
    ['revenue:inference', event.inference],
    ['revenue:markup', event.markup],
    ['revenue:byok', event.byokFee],
    ...shares(event),
  ];
}

interface Shares {
  readonly creatorId?: string;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
}

/** Without a creator both shares are zero. */
const shares = ({ creatorId, creatorShare, platformShare }: Shares): Side[] => [
  [CREATOR_FEE_SHARE, platformShare],
  [clearing(creatorId ?? ''), creatorShare],
];

function promptRefundSides(event: PromptRefunded): Side[] {
  const { parts, creatorId } = event;
  return [
    ['revenue:inference', -parts.inference],
    ['revenue:markup', -parts.markup],
    ['revenue:byok', -parts.byokFee],
    [CREATOR_FEE_SHARE, -parts.platformShare],
    [clearing(creatorId ?? ''), -parts.creatorShare],
    [UNCOLLECTED, event.uncollected],
    [ALLOWANCE, event.allowance],
  ];
}

type Restored = PromptRefunded | FlowUnlockRefunded;

const restored = (userId: string, lots: Restored['restored']): Side[] =>
  lots.map((lot) => [restoredTo(userId, lot), lot.amount]);

function restoredTo(userId: string, { into, kind }: LotRestored): string {
  switch (into) {
    case 'lot':
      return wallet(userId, kind);
    case 'refund_lot':
      return wallet(userId, 'refund');
    case 'revoked':
      return UNCOLLECTED;
    default:
      return assertNever(into);
  }
}

/**
 * What is reinstated, and in the opposite direction what is revoked: what was left of each lot, what was spent, what
 * had lapsed (breakage, of what was bought), and `counterpart` for the sum.
 */
function revokedSides({ userId, lots }: CreditsRevoked | CreditsReinstated, counterpart: string): Side[] {
  return lots.flatMap(({ kind, origin, amount, spent, expired }): Side[] => [
    [wallet(userId, kind), amount],
    [UNCOLLECTED, spent],
    [EXPIRY_OF[origin], expired],
    [counterpart, -(amount + spent + expired)],
  ]);
}

/** A correction takes adjustments back; every other revocation is money that left. */
const takenTo = (reason: RevokeReason): string => (reason === 'correction' ? ADJUSTMENTS : CASH);

function whereItStood({ failedFrom, creatorId }: PayoutFailed): string {
  switch (failedFrom) {
    case 'requested':
      return inPayout(creatorId);
    case 'sent':
      return PAYOUTS;
    case 'settled':
      return CASH;
    default:
      return assertNever(failedFrom);
  }
}
