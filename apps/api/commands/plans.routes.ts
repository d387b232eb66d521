import { CancelPlanChange, ChangePlan, PaySubscription } from '#libs/application/commands/commands.js';
import type { PaymentId, UserId } from '#libs/kernel/ids.js';
import type {
  CancelPlanChangeCommand,
  ChangePlanCommand,
  PaySubscriptionCommand,
} from '#libs/ledger/wallet/commands.js';
import { parseUtcTime } from '../validation/fields.js';
import type { CommandRoute } from './command-gate.js';
import { CancelPlanChangeDto, ChangePlanDto, PaySubscriptionDto } from './plans.dto.js';
import { membersText, ownEvent, timeText } from './reply.js';
import { commandReader, creditsOf, type EdgeLimits, type Errors, NO_ERRORS } from './to-command.js';

export const CHANGE: CommandRoute<ChangePlanCommand> = {
  read: commandReader({
    fields: ChangePlanDto,
    command: ({ userId, plan }, _path, { mayGrant }) => ({
      type: 'ChangePlan',
      userId: userId as UserId,
      plan,
      mayGrant,
    }),
  }),
  request: ChangePlan,
  about: (events) => {
    const change = ownEvent(events, 'PlanChanged', 'PlanChangeScheduled');
    if (change === undefined) return '';
    return change.type === 'PlanChanged'
      ? membersText({ plan: change.to, scheduled: false, effectiveAt: timeText(change.at) })
      : membersText({ plan: change.plan, scheduled: true, effectiveAt: timeText(change.effectiveAt) });
  },
};

export const CANCEL_CHANGE: CommandRoute<CancelPlanChangeCommand> = {
  read: commandReader({
    fields: CancelPlanChangeDto,
    command: ({ userId }) => ({ type: 'CancelPlanChange', userId: userId as UserId }),
  }),
  request: CancelPlanChange,
  about: (events) => {
    const cancelled = ownEvent(events, 'PlanChangeCancelled');
    return cancelled === undefined ? '' : membersText({ cancelled: cancelled.plan });
  },
};

export const PAY: CommandRoute<PaySubscriptionCommand> = {
  read: commandReader({
    fields: PaySubscriptionDto,
    credits: ['amount'],
    judge: coverErrors,
    command: (dto, _path, limits) => ({
      type: 'PaySubscription',
      userId: dto.userId as UserId,
      plan: dto.plan,
      paymentId: dto.reference as PaymentId,
      amount: creditsOf(dto.amount),
      ...coverOf(dto, limits),
    }),
  }),
  request: PaySubscription,
  about: (events) => {
    const paid = ownEvent(events, 'SubscriptionPaid');
    if (paid === undefined) return '';
    const { plan, paymentId, amount, from, until } = paid;
    return membersText({
      plan,
      reference: paymentId,
      amount,
      from: timeText(from),
      until: timeText(until),
    });
  },
};

/** From now, for one month, unless said. */
function coverOf(dto: Partial<PaySubscriptionDto>, { now }: EdgeLimits): { from: number; until: number } {
  const from = parseUtcTime(dto.from) ?? now;
  return { from, until: parseUtcTime(dto.until) ?? monthAfter(from) };
}

function coverErrors(dto: Partial<PaySubscriptionDto>, limits: EdgeLimits): Errors {
  const { from, until } = coverOf(dto, limits);
  return from < until ? NO_ERRORS : [{ field: 'until', message: 'must be later than from' }];
}

/** The same day and time of the next month; the last day of a month that is shorter. */
function monthAfter(t: number): number {
  const date = new Date(t);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + 1);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}
