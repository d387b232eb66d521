import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import {
  type DayOfEarnings,
  dayStart,
  type Earnings,
  type EarningsBooks,
  splitEarnings,
} from './earnings.js';
import type { CreatorEvent, EarningSource, PayoutFailed } from './events.js';
import type { CreatorTerms } from './terms.js';

/** Where the creator's money goes: an account at a payout provider, verified by finance. */
export interface PayoutDestination {
  readonly provider: string;
  readonly reference: string;
}

/** One entry a day with earnings, however many events there are: payouts are found through their events. */
export interface ActiveCreator {
  readonly status: 'active';
  readonly creatorId: CreatorId;
  /** Earned less reversed, by the first millisecond of the day (UTC) of the charge or unlock. */
  readonly days: PersistentMap<Credits>;
  /** Payouts requested or sent. */
  readonly inPayout: Credits;
  /** Payouts settled. */
  readonly paid: Credits;
  readonly destination?: PayoutDestination;
  /** Log position of the last source settled; 0 before the first. */
  readonly lastSource: bigint;
  readonly lastAt: number;
  readonly version: number;
}

export type Creator = { readonly status: 'none'; readonly version: 0 } | ActiveCreator;

export const NO_CREATOR: Creator = { status: 'none', version: 0 };

const NEW = { days: PersistentMap.empty<Credits>(), inPayout: 0n, paid: 0n, lastSource: 0n } as const;

/** @throws when a source goes backwards: the log is damaged or the code is wrong. */
export function evolveCreator(creator: Creator, event: CreatorEvent): ActiveCreator {
  const before: ActiveCreator = {
    ...(creator.status === 'none' ? NEW : creator),
    status: 'active',
    creatorId: event.creatorId,
    lastAt: event.at,
    version: creator.version + 1,
  };
  switch (event.type) {
    case 'CreatorPaid':
      return settled(before, event, event.amount);
    case 'CreatorEarningsReversed':
      return settled(before, event, -event.amount);
    case 'PayoutDestinationVerified':
      return { ...before, destination: { provider: event.provider, reference: event.reference } };
    case 'PayoutRequested':
      return { ...before, inPayout: before.inPayout + event.amount };
    case 'PayoutSent':
      return before;
    case 'PayoutSettled':
      return { ...before, inPayout: before.inPayout - event.amount, paid: before.paid + event.amount };
    case 'PayoutFailed':
      return returned(before, event);
    default:
      return assertNever(event);
  }
}

interface Settled {
  readonly earnedAt: number;
  readonly source: EarningSource;
}

function settled(creator: ActiveCreator, { earnedAt, source }: Settled, change: Credits): ActiveCreator {
  if (source.position <= creator.lastSource) {
    throw new Error(`Creator ${creator.creatorId}: source ${source.position} is settled a second time`);
  }
  const day = String(dayStart(earnedAt));
  const net = (creator.days.get(day) ?? 0n) + change;
  const days = net === 0n ? creator.days.without(day) : creator.days.with(day, net);
  return { ...creator, days, lastSource: source.position };
}

function returned(creator: ActiveCreator, { failedFrom, amount }: PayoutFailed): ActiveCreator {
  return failedFrom === 'settled'
    ? { ...creator, paid: creator.paid - amount }
    : { ...creator, inPayout: creator.inPayout - amount };
}

/** What a creator has earned, as it stands at `t`; see `splitEarnings`. */
export function earningsAt(creator: Creator, t: number, terms: CreatorTerms): Earnings {
  return splitEarnings(booksOf(creator), t, terms);
}

function booksOf(creator: Creator): EarningsBooks {
  if (creator.status === 'none') return { days: [], inPayout: 0n, paid: 0n };
  const days = creator.days.entries().map(([day, net]): DayOfEarnings => ({ day: Number(day), net }));
  return { days, inPayout: creator.inPayout, paid: creator.paid };
}
