import { CREDITS_EXPECTED, parseCredits } from '#libs/kernel/credits.js';
import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { err, ok, type Result } from '#libs/kernel/result.js';
import { TOKENS_MAX } from '#libs/ledger/pricing/tokens.js';
import { MODEL_PATTERN, type UsageOptions } from './options.js';

/** One charge as `POST /api/credits/charge-prompts` takes it. */
export interface ChargeItem {
  readonly userId: string;
  readonly runId: string;
  readonly promptId?: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly creatorId?: string;
  /** Credits, decimal digits. */
  readonly creatorFee?: string;
  /** ISO 8601 UTC, to the millisecond. */
  readonly ranAt: string;
}

export interface RowContext {
  /** 0-based among the data rows of the file, those that cannot be read included. */
  readonly index: number;
  /** First part of made-up run ids: 12 hex digits of the file's SHA-256. */
  readonly runPrefix: string;
  readonly options: UsageOptions;
}

/** A way to write usage down, known by its header. */
export interface UsageForm {
  readonly name: string;
  readonly columns: readonly string[];
  /** The file names its own run ids, so that a run may stand in it twice. */
  readonly mayRepeatRuns: boolean;
  /** The charge of a row, or what is wrong with the row. */
  charge(cells: readonly string[], context: RowContext): Result<ChargeItem, string>;
}

const TIME = /^(\d{4}-\d{2}-\d{2})([T ])(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z?)$/;
const TOKENS = /^(0|[1-9][0-9]{0,9})$/;
const MS_DIGITS = 3;

/** The ledger's own form: every run with its ids. */
export const LEDGER_FORM: UsageForm = {
  name: 'the own form of the ledger',
  columns: [
    'time',
    'runId',
    'userId',
    'promptId',
    'creatorId',
    'creatorFee',
    'model',
    'inputTokens',
    'outputTokens',
  ],
  mayRepeatRuns: true,
  charge(cells) {
    const [time, runId, userId, promptId, creatorId, creatorFee, model, inputTokens, outputTokens] =
      cells as Nine;
    const ranAt = time.includes('T') && time.endsWith('Z') ? utcMilliseconds(time) : undefined;
    const problem =
      (ranAt === undefined && 'time must be ISO 8601 in UTC, for example 2026-11-03T08:15:30.250Z') ||
      idProblem('runId', runId) ||
      idProblem('userId', userId) ||
      (promptId !== '' && idProblem('promptId', promptId)) ||
      (creatorId !== '' && idProblem('creatorId', creatorId)) ||
      (creatorFee !== '' && !parseCredits(creatorFee).ok && `creatorFee must be ${CREDITS_EXPECTED}`) ||
      (!MODEL_PATTERN.test(model) && 'model must be a model name, for example gpt-4') ||
      tokensProblem('inputTokens', inputTokens) ||
      tokensProblem('outputTokens', outputTokens);
    if (problem || ranAt === undefined) return err(problem || '');
    return ok({
      userId,
      runId,
      ...(promptId === '' ? {} : { promptId }),
      model,
      inputTokens: Number(inputTokens),
      outputTokens: Number(outputTokens),
      ...(creatorId === '' ? {} : { creatorId }),
      ...(creatorFee === '' ? {} : { creatorFee }),
      ranAt,
    });
  },
};

/** The public Azure LLM inference trace: users, models and creators are dealt by the row's number. */
export const AZURE_FORM: UsageForm = {
  name: 'the Azure LLM inference trace',
  columns: ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'],
  mayRepeatRuns: false,
  charge(cells, { index, runPrefix, options }) {
    const [timestamp, contextTokens, generatedTokens] = cells as Three;
    const ranAt = utcMilliseconds(timestamp);
    const problem =
      (ranAt === undefined && 'TIMESTAMP must be a UTC time, for example 2023-11-16 18:15:46.6805900') ||
      tokensProblem('ContextTokens', contextTokens) ||
      tokensProblem('GeneratedTokens', generatedTokens);
    if (problem || ranAt === undefined) return err(problem || '');
    const { users, creators, creatorFee, models } = options;
    return ok({
      userId: `u-${index % users}`,
      runId: `${runPrefix}-${index}`,
      model: models[Math.floor(index / users) % models.length]!,
      inputTokens: Number(contextTokens),
      outputTokens: Number(generatedTokens),
      ...(index % 2 === 0
        ? { creatorId: `c-${Math.floor(index / 2) % creators}`, creatorFee: creatorFee.toString() }
        : {}),
      ranAt,
    });
  },
};

type Nine = readonly [string, string, string, string, string, string, string, string, string];
type Three = readonly [string, string, string];

export const USAGE_FORMS: readonly UsageForm[] = [LEDGER_FORM, AZURE_FORM];

/** The form that a header names; undefined for a header of neither. */
export function formOfHeader(header: readonly string[]): UsageForm | undefined {
  const names = header.map((name) => name.trim());
  return USAGE_FORMS.find(
    ({ columns }) => columns.length === names.length && columns.every((column, i) => column === names[i]),
  );
}

/** A row of the file: its charge, or what is wrong with it. */
export function chargeOfRow(
  form: UsageForm,
  cells: readonly string[],
  context: RowContext,
): Result<ChargeItem, string> {
  const { columns } = form;
  return cells.length === columns.length
    ? form.charge(cells, context)
    : err(`${columns.length} cells are expected (${columns.join(',')}), the row has ${cells.length}`);
}

const idProblem = (column: string, raw: string): string | false =>
  !ID_PATTERN.test(raw) && `${column} must be ${ID_EXPECTED}`;

const tokensProblem = (column: string, raw: string): string | false =>
  !(TOKENS.test(raw) && Number(raw) <= TOKENS_MAX) &&
  `${column} must be a whole number from 0 to ${TOKENS_MAX}`;

/** ISO 8601 to the millisecond, what lies below cut off; undefined when the text names no real time. */
function utcMilliseconds(raw: string): string | undefined {
  const match = TIME.exec(raw);
  if (!match) return undefined;
  const [, day, , time, fraction = ''] = match;
  const seconds = `${day}T${time}`;
  const text = `${seconds}.${fraction.slice(0, MS_DIGITS).padEnd(MS_DIGITS, '0')}Z`;
  const parsed = Date.parse(text);
  // Date.parse takes 30 February for 2 March: a real time prints as it was written.
  return !Number.isNaN(parsed) && new Date(parsed).toISOString() === text ? text : undefined;
}
