import {
  MarkPayoutFailed,
  MarkPayoutSent,
  MarkPayoutSettled,
  RequestPayout,
  VerifyPayoutDestination,
} from '#libs/application/creators/commands.js';
import type { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import type * as creator from '#libs/ledger/creator/commands.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { isPayoutEvent, payoutState } from '#libs/ledger/creator/payouts.js';
import type { CommandRoute } from '../commands/command-gate.js';
import { membersText, ownEvent, timeText } from '../commands/reply.js';
import { commandReader, creditsOf, given } from '../commands/to-command.js';
import { FailPayoutDto, MarkPayoutDto, PayoutDestinationDto, RequestPayoutDto } from './creators.dto.js';

/** The payout as the command has left it. */
function payoutAbout(events: readonly CreatorEvent[]): string {
  const event = events.findLast(isPayoutEvent);
  if (event === undefined) return '';
  const { type: _type, creatorId, payoutId, amount, at, ...more } = event;
  return membersText({
    creatorId,
    payout: { payoutId, amount, state: payoutState(event), at: timeText(at), ...more },
  });
}

export const REQUEST_PAYOUT: CommandRoute<creator.RequestPayout, CreatorEvent> = {
  read: commandReader({
    fields: RequestPayoutDto,
    path: ['id'],
    credits: ['amount'],
    command: ({ payoutId, amount }, { id }): creator.RequestPayout =>
      given({
        type: 'RequestPayout' as const,
        creatorId: id as CreatorId,
        payoutId: payoutId as PayoutId,
        amount: amount === undefined ? undefined : creditsOf(amount),
      }),
  }),
  request: RequestPayout,
  about: payoutAbout,
};

const MARKED_PATH = ['id', 'payoutId'] as const;
type MarkedPath = Readonly<Record<(typeof MARKED_PATH)[number], string>>;

const payoutOf = ({ id, payoutId }: MarkedPath) => ({
  creatorId: id as CreatorId,
  payoutId: payoutId as PayoutId,
});

export const MARK_SENT: CommandRoute<creator.MarkPayoutSent, CreatorEvent> = {
  read: commandReader({
    fields: MarkPayoutDto,
    bodyOptional: true,
    path: MARKED_PATH,
    command: ({ reference }, path): creator.MarkPayoutSent =>
      given({ type: 'MarkPayoutSent' as const, ...payoutOf(path), reference }),
  }),
  request: MarkPayoutSent,
  about: payoutAbout,
};

export const MARK_SETTLED: CommandRoute<creator.MarkPayoutSettled, CreatorEvent> = {
  read: commandReader({
    fields: MarkPayoutDto,
    bodyOptional: true,
    path: MARKED_PATH,
    command: ({ reference }, path): creator.MarkPayoutSettled =>
      given({ type: 'MarkPayoutSettled' as const, ...payoutOf(path), reference }),
  }),
  request: MarkPayoutSettled,
  about: payoutAbout,
};

export const MARK_FAILED: CommandRoute<creator.MarkPayoutFailed, CreatorEvent> = {
  read: commandReader({
    fields: FailPayoutDto,
    path: MARKED_PATH,
    command: ({ reason }, path): creator.MarkPayoutFailed => ({
      type: 'MarkPayoutFailed',
      ...payoutOf(path),
      reason,
    }),
  }),
  request: MarkPayoutFailed,
  about: payoutAbout,
};

export const VERIFY_DESTINATION: CommandRoute<creator.VerifyPayoutDestination, CreatorEvent> = {
  read: commandReader({
    fields: PayoutDestinationDto,
    path: ['id'],
    command: ({ provider, reference }, { id }): creator.VerifyPayoutDestination => ({
      type: 'VerifyPayoutDestination',
      creatorId: id as CreatorId,
      provider,
      reference,
    }),
  }),
  request: VerifyPayoutDestination,
  about: (events) => {
    const verified = ownEvent(events, 'PayoutDestinationVerified');
    if (verified === undefined) return '';
    const { creatorId, provider, reference } = verified;
    return membersText({ creatorId, destination: { provider, reference } });
  },
};
