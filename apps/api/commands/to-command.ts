import { hashBody, type BodyFields } from '#libs/application/body-hash.js';
import type { ChargeItem } from '#libs/application/commands/commands.js';
import type { Envelope } from '#libs/application/envelope.js';
import { parseCredits, type Credits } from '#libs/kernel/credits.js';
import { err, ok, type Result } from '#libs/kernel/result.js';
import type { FlowId, PaymentId, PromptId, RunId, UserId } from '#libs/kernel/ids.js';
import type { TokenCounts } from '#libs/ledger/pricing/tokens.js';
import type { FieldError } from '#libs/ledger/refusal.js';
import type {
  AddCreditsCommand,
  ChargePromptCommand,
  OpenWalletCommand,
  UnlockFlowCommand,
  WalletCommand,
} from '#libs/ledger/wallet/commands.js';
import { RAN_AT_AHEAD_MS_MAX } from '#libs/ledger/wallet/decide.js';
import { LOCAL_PRINCIPAL } from '../deps.js';
import { compileValidator, type Validator } from '../validation/compile.js';
import { parseUtcTime } from '../validation/fields.js';
import { AddCreditsDto } from './add-credits.dto.js';
import { ChargeItemDto, ChargePromptDto, type RawCredits, type RunDto } from './charge-prompt.dto.js';
import { UnlockFlowDto } from './unlock-flow.dto.js';
import { OpenWalletDto } from './wallet.dto.js';

/** What validation asks besides the shape: configuration and the clock. */
export interface EdgeLimits {
  readonly creatorFeeMax: Credits;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A body that was read: the command, and the hash that recognises the same body under the same key. */
export interface ReadBody<C extends WalletCommand> {
  readonly command: C;
  readonly bodyHash: string;
}

export type BodyReader<C extends WalletCommand> = (
  body: unknown,
  limits: EdgeLimits,
) => Result<ReadBody<C>, readonly FieldError[]>;

type Errors = readonly FieldError[];

const validateOpen = compileValidator(OpenWalletDto);
const validateAdd = compileValidator(AddCreditsDto);
const validateCharge = compileValidator(ChargePromptDto);
const validateItem = compileValidator(ChargeItemDto, 'item');
const validateUnlock = compileValidator(UnlockFlowDto);

export const envelopeOf = (key: string, bodyHash: string): Envelope => ({
  principal: LOCAL_PRINCIPAL,
  key,
  bodyHash,
});

export const readOpenWallet: BodyReader<OpenWalletCommand> = (body) => {
  const checked = validateOpen(body);
  if (!checked.ok) return checked;
  const { userId, plan = 'FREE' } = checked.value;
  return ok({
    command: { type: 'OpenWallet', userId: userId as UserId, plan },
    bodyHash: hashBody('OpenWallet', fieldsOf(checked.value)),
  });
};

export const readAddCredits: BodyReader<AddCreditsCommand> = (body) => {
  const checked = validateAdd(body);
  if (!checked.ok) return checked;
  const dto = checked.value;
  const amount = creditsOf(dto.amount);
  return ok({
    command: addCommand(dto, amount),
    bodyHash: hashBody('AddCredits', { ...fieldsOf(dto), amount }),
  });
};

function addCommand(dto: AddCreditsDto, amount: Credits): AddCreditsCommand {
  const expiresAt = parseUtcTime(dto.expiresAt);
  const base = {
    type: 'AddCredits',
    userId: dto.userId as UserId,
    amount,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  } as const;
  if (dto.kind === 'purchased') return { ...base, kind: dto.kind, paymentId: dto.reference as PaymentId };
  const { reference } = dto;
  return { ...base, kind: dto.kind, reason: dto.reason!, ...(reference === undefined ? {} : { reference }) };
}

export const readUnlockFlow: BodyReader<UnlockFlowCommand> = (body, limits) => {
  const checked = withLimits(validateUnlock, body, (dto) => feeErrors('price', dto.price, limits));
  if (!checked.ok) return checked;
  const dto = checked.value;
  const price = creditsOf(dto.price);
  return ok({
    command: {
      type: 'UnlockFlow',
      userId: dto.userId as UserId,
      flowId: dto.flowId as FlowId,
      creatorId: dto.creatorId as UserId,
      price,
    },
    bodyHash: hashBody('UnlockFlow', { ...fieldsOf(dto), price }),
  });
};

export const readChargePrompt: BodyReader<ChargePromptCommand> = (body, limits) => {
  const checked = withLimits(validateCharge, body, (dto) => runErrors(dto, limits));
  return checked.ok ? ok(readRun(checked.value)) : checked;
};

/** One item of a bulk, judged on its own; its key is `run:<runId>` unless it names one. */
export function readChargeItem(body: unknown, limits: EdgeLimits): Result<ChargeItem, Errors> {
  const checked = withLimits(validateItem, body, (dto) => runErrors(dto, limits));
  if (!checked.ok) return checked;
  const { idempotencyKey, ...dto } = checked.value;
  const { command, bodyHash } = readRun(dto);
  return ok({ command, envelope: envelopeOf(idempotencyKey ?? `run:${dto.runId}`, bodyHash) });
}

function readRun(dto: ChargePromptDto): ReadBody<ChargePromptCommand> {
  const creatorFee = dto.creatorFee === undefined ? undefined : creditsOf(dto.creatorFee);
  return {
    command: chargeCommand(dto, creatorFee ?? 0n),
    // The key belongs to the envelope, not to the body: a bulk's item and a single charge of a run are the same.
    bodyHash: hashBody('ChargePrompt', creatorFee === undefined ? fieldsOf(dto) : { ...dto, creatorFee }),
  };
}

function chargeCommand(dto: ChargePromptDto, creatorFee: Credits): ChargePromptCommand {
  const command: { -readonly [Key in keyof ChargePromptCommand]: ChargePromptCommand[Key] } = {
    type: 'ChargePrompt',
    userId: dto.userId as UserId,
    runId: dto.runId as RunId,
    model: dto.model,
    tokens: tokensOf(dto),
    creatorFee,
    byok: dto.byok ?? false,
    purpose: dto.purpose ?? 'run',
  };
  if (dto.promptId !== undefined) command.promptId = dto.promptId as PromptId;
  if (dto.creatorId !== undefined) command.creatorId = dto.creatorId as UserId;
  const ranAt = parseUtcTime(dto.ranAt);
  if (ranAt !== undefined) command.ranAt = ranAt;
  return command;
}

export const tokensOf = (dto: RunDto): TokenCounts => ({
  inputTokens: dto.inputTokens,
  outputTokens: dto.outputTokens,
  cachedInputTokens: dto.cachedInputTokens ?? 0,
  cacheWriteTokens: dto.cacheWriteTokens ?? 0,
});

/** Adds to a validator what depends on configuration and clock, so that all of a body's errors come together. */
export function withLimits<T>(
  validate: Validator<T>,
  body: unknown,
  judge: (dto: Partial<T>) => Errors,
): Result<T, Errors> {
  const checked = validate(body);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return checked;
  const more = judge(body);
  if (more.length === 0) return checked;
  if (checked.ok) return err(more);
  const known = new Set(checked.error.map(({ field }) => field));
  return err([...checked.error, ...more.filter(({ field }) => !known.has(field))]);
}

const NO_ERRORS: Errors = [];

function runErrors({ ranAt, creatorFee }: Partial<ChargePromptDto>, limits: EdgeLimits): Errors {
  const late = ranAt !== undefined && (parseUtcTime(ranAt) ?? 0) > limits.now + RAN_AT_AHEAD_MS_MAX;
  const dear = feeErrors('creatorFee', creatorFee, limits);
  return late ? [...dear, { field: 'ranAt', message: 'must lie at most 5 minutes ahead' }] : dear;
}

/** Creator fees and unlock prices have one ceiling (domain rules, section 2). */
export function feeErrors(
  field: string,
  raw: unknown,
  { creatorFeeMax }: Pick<EdgeLimits, 'creatorFeeMax'>,
): Errors {
  const fee = raw === undefined ? undefined : parseCredits(raw);
  return fee?.ok && fee.value > creatorFeeMax
    ? [{ field, message: `must be at most ${creatorFeeMax} credits` }]
    : NO_ERRORS;
}

/** @throws when the field was not validated before: a mistake of ours. */
export function creditsOf(raw: RawCredits): Credits {
  const parsed = parseCredits(raw);
  if (!parsed.ok) throw new Error(`Not validated: ${parsed.error}`);
  return parsed.value;
}

/** A validated DTO's own fields, as they were sent. */
const fieldsOf = (dto: object): BodyFields => dto as BodyFields;
