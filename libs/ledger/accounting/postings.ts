import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { LedgerEvent } from '../events.js';
import type {
  CreditsAdded,
  CreditsExpired,
  LotDraw,
  LotKind,
  LotOrigin,
  PromptCharged,
} from '../wallet/events.js';
import { LOT_KINDS } from '../wallet/events.js';

/** One side of a journal entry: credit is positive, debit negative. */
export interface Posting {
  readonly account: string;
  readonly amount: Credits;
}

// The account opposite a lot when it comes in (domain rules, section 5).
const SOURCE_OF: Readonly<Record<LotOrigin, string>> = {
  purchased: 'platform:cash',
  promo: 'platform:promo_expense',
  monthly: 'platform:allowance_expense',
  adjustment: 'platform:adjustments',
  legacy: 'platform:opening',
};

// The account a lapsed lot goes to: what was bought is breakage, what was given returns to its expense.
const EXPIRY_OF: Readonly<Record<LotOrigin, string>> = { ...SOURCE_OF, purchased: 'revenue:breakage' };

/**
 * The journal entry of an event: postings that sum to zero, none of amount zero (domain rules, section 5). Events
 * that move nothing have none.
 */
export function postingsOf(event: LedgerEvent): readonly Posting[] {
  switch (event.type) {
    case 'CreditsAdded':
      return entry([wallet(event, event.kind), event.amount], [SOURCE_OF[event.origin], -event.amount]);
    case 'CreditsExpired':
      return entry([wallet(event, event.kind), -event.amount], [EXPIRY_OF[event.origin], event.amount]);
    case 'PromptCharged':
      return entry(...drawn(event.userId, event.draws), ...chargeSides(event));
    case 'FlowUnlocked':
      return entry(
        ...drawn(event.userId, event.draws),
        ['revenue:creator_fee_share', event.platformShare],
        [`clearing:creator:${event.creatorId}`, event.creatorShare],
      );
    case 'CreatorPaid':
      return entry(
        [`clearing:creator:${event.creatorId}`, -event.amount],
        [`creator:${event.creatorId}:payable`, event.amount],
      );
    case 'WalletOpened':
    case 'PaymentRegistered':
      return [];
    default:
      return assertNever(event);
  }
}

type Side = readonly [account: string, amount: Credits];

function entry(...sides: readonly Side[]): readonly Posting[] {
  const postings: Posting[] = [];
  for (const [account, amount] of sides) if (amount !== 0n) postings.push({ account, amount });
  return postings;
}

const wallet = (event: CreditsAdded | CreditsExpired, kind: LotKind): string =>
  `wallet:${event.userId}:${kind}`;

function drawn(userId: string, draws: readonly LotDraw[]): Side[] {
  if (draws.length === 1) return [[`wallet:${userId}:${draws[0]!.kind}`, -draws[0]!.amount]];
  return LOT_KINDS.map((kind): Side => {
    const amount = draws.reduce((sum, draw) => (draw.kind === kind ? sum + draw.amount : sum), 0n);
    return [`wallet:${userId}:${kind}`, -amount];
  });
}

function chargeSides(event: PromptCharged): Side[] {
  return [
    ['platform:allowance_expense', -event.allowance],
    ['revenue:inference', event.inference],
    ['revenue:markup', event.markup],
    ['revenue:byok', event.byokFee],
    ['revenue:creator_fee_share', event.platformShare],
    [`clearing:creator:${event.creatorId ?? ''}`, event.creatorShare],
  ];
}
