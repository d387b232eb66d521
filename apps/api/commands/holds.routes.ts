import { AuthoriseRun, RefundPrompt, ReleaseHold } from '#libs/application/commands/commands.js';
import type { HoldId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import type {
  AuthoriseRunCommand,
  RefundPromptCommand,
  ReleaseHoldCommand,
} from '#libs/ledger/wallet/commands.js';
import type { CreditsHeld, LotDraw, LotRestored, PromptRefunded } from '#libs/ledger/wallet/events.js';
import type { CommandRoute } from './command-gate.js';
import { AuthoriseRunDto, RefundPromptDto, ReleaseHoldDto, TTL_SECONDS_DEFAULT } from './holds.dto.js';
import { membersText, ownEvent, timeText } from './reply.js';
import { runErrors, runOf } from './runs.routes.js';
import { commandReader, creditsOf, type EdgeLimits, given, tokensOf } from './to-command.js';

const MS_PER_SECOND = 1_000;

export const AUTHORISE: CommandRoute<AuthoriseRunCommand> = {
  read: commandReader({
    fields: AuthoriseRunDto,
    credits: ['amount', 'creatorFee'],
    judge: runErrors,
    command: authoriseCommand,
  }),
  request: AuthoriseRun,
  about: (events) => {
    const held = ownEvent(events, 'CreditsHeld');
    return held === undefined ? '' : membersText(heldMembers(held));
  },
};

function authoriseCommand(dto: AuthoriseRunDto, _path: unknown, limits: EdgeLimits): AuthoriseRunCommand {
  return {
    type: 'AuthoriseRun',
    ...runOf(dto, limits),
    holdId: dto.holdId as HoldId,
    estimate: dto.amount === undefined ? { tokens: tokensOf(dto) } : { amount: creditsOf(dto.amount) },
    ttlMs: (dto.ttlSeconds ?? TTL_SECONDS_DEFAULT) * MS_PER_SECOND,
  };
}

const heldMembers = (held: CreditsHeld): object => ({
  holdId: held.holdId,
  runId: held.runId,
  model: held.model,
  purpose: held.purpose,
  amount: held.amount,
  reserved: sumOf(held.parts),
  allowance: held.allowance,
  creatorFee: held.creatorFee,
  policy: held.policy,
  rateCard: { id: held.rateCard, version: held.rateCardVersion },
  expiresAt: timeText(held.expiresAt),
});

const sumOf = (parts: readonly LotDraw[]): bigint => parts.reduce((sum, { amount }) => sum + amount, 0n);

export const RELEASE: CommandRoute<ReleaseHoldCommand> = {
  read: commandReader({
    fields: ReleaseHoldDto,
    path: ['id'],
    command: ({ userId }, { id }) => ({
      type: 'ReleaseHold',
      userId: userId as UserId,
      holdId: id as HoldId,
    }),
  }),
  request: ReleaseHold,
  about: (events) => {
    const released = ownEvent(events, 'HoldReleased');
    if (released === undefined) return '';
    const { holdId, runId, parts } = released;
    return membersText({ holdId, runId, released: sumOf(parts) });
  },
};

export const REFUND: CommandRoute<RefundPromptCommand> = {
  read: commandReader({
    fields: RefundPromptDto,
    credits: ['amount'],
    command: (dto) =>
      given({
        type: 'RefundPrompt',
        userId: dto.userId as UserId,
        runId: dto.runId as RunId,
        refundId: dto.refundId as RefundId,
        reason: dto.reason,
        amount: dto.amount === undefined ? undefined : creditsOf(dto.amount),
      }),
  }),
  request: RefundPrompt,
  about: (events) => {
    const refunded = ownEvent(events, 'PromptRefunded');
    return refunded === undefined ? '' : membersText(refundMembers(refunded));
  },
};

const refundMembers = (refunded: PromptRefunded): object => ({
  refundId: refunded.refundId,
  runId: refunded.runId,
  reason: refunded.reason,
  amount: refunded.amount,
  // Under the names that a charge's cost has them.
  parts: {
    inferenceCost: refunded.parts.inference,
    platformMarkup: refunded.parts.markup,
    byokFee: refunded.parts.byokFee,
    platformShare: refunded.parts.platformShare,
    creatorShare: refunded.parts.creatorShare,
  },
  restored: restoredLots(refunded.restored),
  uncollected: refunded.uncollected,
  allowance: refunded.allowance,
});

/** Lots that a refund gave back to, in its order. */
export const restoredLots = (restored: readonly LotRestored[]): readonly object[] =>
  restored.map(({ lotId, kind, origin, amount, into, refundLotId, expiresAt }) => ({
    lotId,
    kind,
    origin,
    amount,
    into,
    refundLotId,
    expiresAt: expiresAt === undefined ? undefined : timeText(expiresAt),
  }));
