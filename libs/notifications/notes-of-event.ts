import type { PublicEvent, PublicEventOf, PublicEventType } from '#libs/contracts/public/public-event.js';
import type { NoteData, NoteKind } from './kinds.js';
import { idOf, type Note, type NoteOf } from './note.js';

/** A part of what a creator earned on one day (UTC). */
export interface EarningsOfDay {
  /** Of the one notification of that day. */
  readonly id: string;
  readonly userId: string;
  /** For example 2026-11-20. */
  readonly day: string;
  /** When the day began, milliseconds since the epoch. */
  readonly at: number;
  /** Credits. */
  readonly earned: bigint;
  readonly runs: number;
  readonly flows: number;
  /** Credits that refunds have taken back. */
  readonly reversed: bigint;
  readonly refunds: number;
}

/** What an event means for people. */
export interface Meaning {
  readonly notes: readonly Note[];
  /** Collected: one notification a creator and day. */
  readonly earnings?: EarningsOfDay;
}

const NOTHING: Meaning = { notes: [] };

/** Whom a public event belongs to, and who may therefore have it sent to a webhook. */
export const ownerOf = ({ data }: PublicEvent): string => ('userId' in data ? data.userId : data.creatorId);

/** Who is to be told what of an event. Pure: the same event always means the same. */
export function meaningOf(event: PublicEvent): Meaning {
  switch (event.type) {
    case 'promptflow.balance.threshold_crossed.v1': {
      const { threshold, available } = event.data;
      return { notes: [note(event, 'low_balance', { threshold, available })] };
    }
    case 'promptflow.credits.added.v1':
      return { notes: creditsAdded(event) };
    case 'promptflow.plan.changed.v1': {
      const { from, to, cause } = event.data;
      return { notes: [note(event, 'plan_changed', { from, to, cause })] };
    }
    case 'promptflow.flow.unlocked.v1': {
      const { flowId, price } = event.data;
      return { notes: [note(event, 'flow_unlocked', { flowId, price })] };
    }
    case 'promptflow.creator.paid.v1':
      return creatorPaid(event);
    case 'promptflow.creator.earnings_reversed.v1':
      return { notes: [], earnings: dayOf(event, { reversed: BigInt(event.data.amount), refunds: 1 }) };
    case 'promptflow.payout.sent.v1': {
      const { payoutId, amount } = event.data;
      return { notes: [note(event, 'payout_sent', { payoutId, amount })] };
    }
    case 'promptflow.payout.failed.v1': {
      const { payoutId, amount, reason } = event.data;
      return { notes: [note(event, 'payout_failed', { payoutId, amount, reason })] };
    }
    default:
      return NOTHING;
  }
}

function note<Kind extends NoteKind>(event: PublicEvent, kind: Kind, data: NoteData[Kind]): NoteOf<Kind> {
  const userId = ownerOf(event);
  return { id: idOf('event', event.id, userId, kind), kind, userId, at: Date.parse(event.data.at), data };
}

type Of<Type extends PublicEventType> = PublicEventOf<Type>;

function creditsAdded(event: Of<'promptflow.credits.added.v1'>): readonly Note[] {
  const { amount, origin, expiresAt, balanceAfter } = event.data;
  const lapses = expiresAt === undefined ? {} : { expiresAt };
  if (origin === 'monthly') return [note(event, 'monthly_credits', { amount, ...lapses })];
  // What was taken over from another system was there before: no news, and a mail to everybody at once.
  if (origin === 'legacy') return [];
  const available = balanceAfter === undefined ? {} : { available: balanceAfter.available };
  return [note(event, 'credits_added', { amount, origin, ...available, ...lapses })];
}

function creatorPaid(event: Of<'promptflow.creator.paid.v1'>): Meaning {
  const { amount, source, reference } = event.data;
  const earned = BigInt(amount);
  if (source !== 'flow') return { notes: [], earnings: dayOf(event, { earned, runs: 1 }) };
  return {
    notes: [note(event, 'flow_sold', { flowId: reference, amount })],
    earnings: dayOf(event, { earned, flows: 1 }),
  };
}

const DAY_LENGTH = 'YYYY-MM-DD'.length;

function dayOf(
  event: Of<'promptflow.creator.paid.v1'> | Of<'promptflow.creator.earnings_reversed.v1'>,
  figures: Partial<Pick<EarningsOfDay, 'earned' | 'runs' | 'flows' | 'reversed' | 'refunds'>>,
): EarningsOfDay {
  const userId = event.data.creatorId;
  const day = event.data.at.slice(0, DAY_LENGTH);
  return {
    id: idOf('creator-day', userId, day),
    userId,
    day,
    at: Date.parse(`${day}T00:00:00.000Z`),
    ...{ earned: 0n, runs: 0, flows: 0, reversed: 0n, refunds: 0 },
    ...figures,
  };
}
