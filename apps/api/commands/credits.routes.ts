import { AddCredits, ReinstateCredits, RevokeCredits } from '#libs/application/commands/commands.js';
import type { PaymentId, UserId } from '#libs/kernel/ids.js';
import type {
  AddCreditsCommand,
  ReinstateCreditsCommand,
  RevokeCreditsCommand,
} from '#libs/ledger/wallet/commands.js';
import type { CreditsAdded, LotRevoked, WalletEvent } from '#libs/ledger/wallet/events.js';
import { parseUtcTime } from '../validation/fields.js';
import type { CommandRoute } from './command-gate.js';
import { AddCreditsDto, ReinstateCreditsDto, RevokeCreditsDto } from './credits.dto.js';
import { membersText, ownEvent, timeText } from './reply.js';
import { commandReader, creditsOf, given } from './to-command.js';

export const ADD: CommandRoute<AddCreditsCommand> = {
  read: commandReader({ fields: AddCreditsDto, credits: ['amount'], command: addCommand }),
  request: AddCredits,
  about: (events) => {
    const added = ownEvent(events, 'CreditsAdded');
    return added === undefined ? '' : membersText({ lot: lotOf(added) });
  },
};

function addCommand(dto: AddCreditsDto): AddCreditsCommand {
  const base = given({
    type: 'AddCredits' as const,
    userId: dto.userId as UserId,
    amount: creditsOf(dto.amount),
    expiresAt: parseUtcTime(dto.expiresAt),
  });
  return dto.kind === 'purchased'
    ? { ...base, kind: dto.kind, paymentId: dto.reference as PaymentId }
    : given({ ...base, kind: dto.kind, reason: dto.reason!, reference: dto.reference });
}

/** The lot as it was added: nothing drawn, nothing reserved. */
const lotOf = ({ lotId, kind, origin, amount, expiresAt, paymentId }: CreditsAdded): object => ({
  id: lotId,
  kind,
  origin,
  original: amount,
  remaining: amount,
  reserved: '0',
  expiresAt: expiresAt === undefined ? undefined : timeText(expiresAt),
  paymentId,
});

export const REVOKE: CommandRoute<RevokeCreditsCommand> = {
  read: commandReader({ fields: RevokeCreditsDto, credits: ['amount'], command: revokeCommand }),
  request: RevokeCredits,
  about: (events) => {
    const revoked = ownEvent(events, 'CreditsRevoked');
    if (revoked === undefined) return '';
    const { reason, paymentId, lots } = revoked;
    return membersText({
      reason,
      reference: paymentId,
      revoked: sumOf(lots, ({ amount }) => amount),
      uncollected: sumOf(lots, ({ spent }) => spent),
      lots: lots.map(revokedLot),
      releasedHolds: releasedHolds(events),
    });
  },
};

function revokeCommand(dto: RevokeCreditsDto): RevokeCreditsCommand {
  const userId = dto.userId as UserId;
  return dto.reason === 'correction'
    ? { type: 'RevokeCredits', userId, reason: dto.reason, amount: creditsOf(dto.amount) }
    : { type: 'RevokeCredits', userId, reason: dto.reason, paymentId: dto.reference as PaymentId };
}

/** Ids of holds whose reserved credits were needed. */
const releasedHolds = (events: readonly WalletEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'HoldReleased' && event.cause === 'revocation' ? [event.holdId] : [],
  );

const sumOf = (lots: readonly LotRevoked[], part: (lot: LotRevoked) => bigint): bigint =>
  lots.reduce((sum, lot) => sum + part(lot), 0n);

const revokedLot = ({ lotId, kind, origin, amount, spent, expired }: LotRevoked): object => ({
  id: lotId,
  kind,
  origin,
  amount,
  spent,
  expired,
});

export const REINSTATE: CommandRoute<ReinstateCreditsCommand> = {
  read: commandReader({
    fields: ReinstateCreditsDto,
    command: ({ userId, reference }) => ({
      type: 'ReinstateCredits',
      userId: userId as UserId,
      paymentId: reference as PaymentId,
    }),
  }),
  request: ReinstateCredits,
  about: (events) => {
    const reinstated = ownEvent(events, 'CreditsReinstated');
    if (reinstated === undefined) return '';
    const { paymentId, lots } = reinstated;
    return membersText({
      reference: paymentId,
      reinstated: sumOf(lots, ({ amount }) => amount),
      lots: lots.map(revokedLot),
    });
  },
};
