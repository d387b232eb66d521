import { assertNever } from '#libs/kernel/assert-never.js';
import { CREDITS_PER_CENT, type Credits, minCredits } from '#libs/kernel/credits.js';
import { accept, type CommandContext, type Decision, refuse } from '../decision.js';
import { invalidField } from '../refusal.js';
import type { MarkPayout, RequestPayout } from './commands.js';
import { wholeCents } from './earnings.js';
import type {
  CreatorEvent,
  PayoutFailed,
  PayoutRequested,
  PayoutSent,
  PayoutSettled,
  PayoutState,
} from './events.js';
import { payoutKey } from './ids.js';
import { type Creator, earningsAt } from './state.js';
import type { CreatorTerms } from './terms.js';

export type PayoutEvent = PayoutRequested | PayoutSent | PayoutSettled | PayoutFailed;

type Context = CommandContext<CreatorEvent>;

const STATE_AFTER: Readonly<Record<PayoutEvent['type'], PayoutState>> = {
  PayoutRequested: 'requested',
  PayoutSent: 'sent',
  PayoutSettled: 'settled',
  PayoutFailed: 'failed',
};

/** The state that a payout is in after its last event. */
export const payoutState = (last: PayoutEvent): PayoutState => STATE_AFTER[last.type];

/**
 * Takes whole cents of what is payable at `at` into a payout. Refused in this order: an amount with a part of a cent,
 * `creator.not_found`, a payout id used before, `payout.no_destination`, `payout.nothing_payable`,
 * `payout.below_minimum`, an amount above what is payable.
 */
export function requestPayout(
  creator: Creator,
  { payoutId, amount, atMost }: RequestPayout,
  { context: { past }, at, terms }: { context: Context; at: number; terms: CreatorTerms },
): Decision<CreatorEvent> {
  if (amount !== undefined && amount % CREDITS_PER_CENT !== 0n) {
    return refuse(invalidField('amount', 'must be whole cents: a multiple of 10000 credits'));
  }
  if (creator.status === 'none') return refuse({ code: 'creator.not_found' });
  if (past.revisionOf(payoutKey(payoutId)) !== undefined) {
    return refuse(invalidField('payoutId', 'was used before: a payout needs an id of its own'));
  }
  const { creatorId, destination } = creator;
  if (destination === undefined) return refuse({ code: 'payout.no_destination' });
  const { payable } = earningsAt(creator, at, terms);
  if (payable <= 0n) return refuse({ code: 'payout.nothing_payable', payable });
  const whole = wholeCents(payable);
  const wanted = amount ?? (atMost === undefined ? whole : minCredits(whole, wholeCents(atMost)));
  if (wanted < terms.payoutMinimum || whole < terms.payoutMinimum) {
    return refuse({ code: 'payout.below_minimum', minimum: terms.payoutMinimum, payable });
  }
  if (wanted > whole) return refuse(invalidField('amount', aboveMessage(whole)));
  return accept<CreatorEvent>({
    type: 'PayoutRequested',
    creatorId,
    at,
    payoutId,
    amount: wanted,
    provider: destination.provider,
    destination: destination.reference,
  });
}

const aboveMessage = (whole: Credits): string => `must be at most ${whole}, which is what is payable`;

/** States from which a payout may go on to another. */
const LEGAL_FROM: Readonly<Record<MarkPayout['type'], readonly PayoutState[]>> = {
  MarkPayoutSent: ['requested'],
  MarkPayoutSettled: ['sent'],
  MarkPayoutFailed: ['requested', 'sent', 'settled'],
};

/** Records what became of a payout. Refused with `payout.not_found`, then on `payoutId` when it is too early or late. */
export function markPayout(
  creator: Creator,
  command: MarkPayout,
  { context: { past }, at }: { context: Context; at: number },
): Decision<CreatorEvent> {
  const revision = creator.status === 'none' ? undefined : past.revisionOf(payoutKey(command.payoutId));
  if (revision === undefined) return refuse({ code: 'payout.not_found' });
  const last = past.eventAt(revision);
  if (!isPayoutEvent(last)) throw new Error(`Revision ${revision} is no event of payout ${command.payoutId}`);
  const state = payoutState(last);
  const legal = LEGAL_FROM[command.type];
  if (state === 'failed' || !legal.includes(state)) {
    return refuse(invalidField('payoutId', `names a payout that is ${state}, not ${legal.join(' or ')}`));
  }
  return accept<CreatorEvent>(markedBy(command, { at, amount: last.amount, failedFrom: state }));
}

interface Marked {
  readonly at: number;
  readonly amount: Credits;
  readonly failedFrom: PayoutFailed['failedFrom'];
}

function markedBy(command: MarkPayout, { at, amount, failedFrom }: Marked): PayoutEvent {
  const { creatorId, payoutId } = command;
  const fact = { creatorId, at, payoutId, amount };
  switch (command.type) {
    case 'MarkPayoutSent':
      return { type: 'PayoutSent', ...fact, ...referenceOf(command) };
    case 'MarkPayoutSettled':
      return { type: 'PayoutSettled', ...fact, ...referenceOf(command) };
    case 'MarkPayoutFailed':
      return { type: 'PayoutFailed', ...fact, failedFrom, reason: command.reason };
    default:
      return assertNever(command);
  }
}

const referenceOf = ({ reference }: { readonly reference?: string }): { readonly reference?: string } =>
  reference === undefined ? {} : { reference };

export const isPayoutEvent = (event: CreatorEvent): event is PayoutEvent => event.type in STATE_AFTER;
