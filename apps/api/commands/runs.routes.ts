import { type ChargeItem, ChargePrompt } from '#libs/application/commands/commands.js';
import { hashBody } from '#libs/application/body-hash.js';
import type { PromptId, RunId, UserId, HoldId } from '#libs/kernel/ids.js';
import { ok, type Result } from '#libs/kernel/result.js';
import { usageErrors } from '#libs/ledger/usage/read-usage.js';
import type { ChargePromptCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { compileValidator } from '../validation/compile.js';
import { parseUtcTime } from '../validation/fields.js';
import { ChargeItemDto, ChargePromptDto, type RunDto } from './charge-prompt.dto.js';
import type { CommandRoute } from './command-gate.js';
import { costText, ownEvent } from './reply.js';
import {
  commandReader,
  creditsOf,
  type EdgeLimits,
  envelopeOf,
  type Errors,
  feeErrors,
  hashedFields,
  NO_ERRORS,
  tokensOf,
  withLimits,
} from './to-command.js';

/** `ranAt` may be this far ahead: clocks of callers differ (domain rules, section 1). */
const RAN_AT_AHEAD_MS_MAX = 5 * 60_000;

const CREDITS = ['creatorFee'] as const;

export const CHARGE: CommandRoute<ChargePromptCommand> = {
  read: commandReader({
    fields: ChargePromptDto,
    credits: CREDITS,
    judge: chargeErrors,
    command: chargeCommand,
  }),
  request: ChargePrompt,
  about: chargeAbout,
};

/** What a charge's reply is about, single or in a bulk: the hot route, so written by hand. */
export function chargeAbout(events: readonly WalletEvent[]): string {
  const charged = ownEvent(events, 'PromptCharged');
  if (charged === undefined) return '';
  const { runId, holdId, uncollected } = charged;
  const settled =
    holdId === undefined ? '' : `,"holdId":${JSON.stringify(holdId)},"uncollected":"${uncollected}"`;
  return `,"runId":${JSON.stringify(runId)}${settled},"cost":${costText(charged)}`;
}

const validateItem = compileValidator(ChargeItemDto, 'item');

/** One item of a bulk, judged on its own; its key is `run:<runId>` unless it names one. */
export function readChargeItem(body: unknown, limits: EdgeLimits): Result<ChargeItem, Errors> {
  const checked = withLimits(validateItem, body, (dto) => chargeErrors(dto, limits));
  if (!checked.ok) return checked;
  // The key belongs to the envelope, not to the body: a bulk's item and a single charge of a run are the same.
  const { idempotencyKey, ...dto } = checked.value;
  return ok({
    command: chargeCommand(dto, undefined, limits),
    envelope: envelopeOf(
      idempotencyKey ?? `run:${dto.runId}`,
      hashBody('ChargePrompt', hashedFields(dto, CREDITS)),
    ),
  });
}

function chargeCommand(dto: ChargePromptDto, _path: unknown, limits: EdgeLimits): ChargePromptCommand {
  const command: { -readonly [Key in keyof ChargePromptCommand]: ChargePromptCommand[Key] } = {
    type: 'ChargePrompt',
    ...runOf(dto, limits),
    tokens: tokensOf(dto),
  };
  if (dto.promptId !== undefined) command.promptId = dto.promptId as PromptId;
  if (dto.holdId !== undefined) command.holdId = dto.holdId as HoldId;
  const ranAt = parseUtcTime(dto.ranAt);
  if (ranAt !== undefined) command.ranAt = ranAt;
  return command;
}

type RunFields = Pick<ChargePromptCommand, 'userId' | 'runId' | 'model' | 'creatorFee' | 'byok' | 'purpose'> &
  Partial<Pick<ChargePromptCommand, 'creatorId' | 'quote'>>;

/** What a charge and a hold say alike about their run. */
export function runOf(
  dto: RunDto & Pick<ChargePromptDto, 'userId' | 'runId' | 'purpose' | 'quoteId'>,
  { quoteOf }: EdgeLimits,
): RunFields {
  const run: { -readonly [Key in keyof RunFields]: RunFields[Key] } = {
    userId: dto.userId as UserId,
    runId: dto.runId as RunId,
    model: dto.model,
    creatorFee: dto.creatorFee === undefined ? 0n : creditsOf(dto.creatorFee),
    byok: dto.byok ?? false,
    purpose: dto.purpose ?? 'run',
  };
  if (dto.creatorId !== undefined) run.creatorId = dto.creatorId as UserId;
  const quote = dto.quoteId === undefined ? undefined : quoteOf(dto.quoteId, dto.userId);
  if (quote?.ok) run.quote = quote.value;
  return run;
}

function chargeErrors(dto: Partial<ChargePromptDto>, limits: EdgeLimits): Errors {
  const errors = runErrors(dto, limits);
  const late = dto.ranAt !== undefined && (parseUtcTime(dto.ranAt) ?? 0) > limits.now + RAN_AT_AHEAD_MS_MAX;
  return late ? [...errors, { field: 'ranAt', message: 'must lie at most 5 minutes ahead' }] : errors;
}

/** What of a run depends on configuration, on a provider's counting or on a signature of ours. */
export function runErrors(
  dto: Partial<Pick<ChargePromptDto, 'creatorFee' | 'usage' | 'quoteId' | 'userId'>>,
  limits: EdgeLimits,
): Errors {
  const dear = feeErrors('creatorFee', dto.creatorFee, limits);
  // The hot route sends neither.
  if (dto.usage === undefined && dto.quoteId === undefined) return dear;
  const usage = dto.usage === undefined ? NO_ERRORS : usageErrors(dto.usage);
  return [...dear, ...usage, ...quoteErrors(dto, limits)];
}

function quoteErrors(
  { quoteId, userId }: Partial<Pick<ChargePromptDto, 'quoteId' | 'userId'>>,
  { quoteOf }: EdgeLimits,
): Errors {
  // What is no text is refused by the fields' own rules.
  if (typeof quoteId !== 'string' || typeof userId !== 'string') return NO_ERRORS;
  const quote = quoteOf(quoteId, userId);
  return quote.ok ? NO_ERRORS : [{ field: 'quoteId', message: quote.error }];
}
