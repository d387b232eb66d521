import { InvalidArgumentError } from 'commander';
import { type Credits, CREDITS_EXPECTED, parseCredits } from '#libs/kernel/credits.js';
import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';

/** What decides who pays what; the same file with other options asks for other charges. */
export interface UsageOptions {
  /** Azure form: number of users the rows are dealt to. */
  readonly users: number;
  /** Azure form: number of creators. */
  readonly creators: number;
  /** Azure form: credits a run on a creator's prompt. */
  readonly creatorFee: Credits;
  /** Azure form: models, dealt in turn. */
  readonly models: readonly string[];
  /** Plan on which wallets are opened; `auto`: for each user the smallest that includes the models they use. */
  readonly plan: PlanName | 'auto';
  /** Credits that every user of the file purchases once; 0 for no purchase. */
  readonly credits: Credits;
}

/** As they would be typed. */
export const USAGE_DEFAULTS = {
  users: '100',
  creators: '10',
  creatorFee: '1000',
  models: 'gpt-3.5-turbo,gpt-4',
  plan: 'auto',
  credits: '1000000000',
} as const;

const COUNT = /^[1-9][0-9]{0,6}$/;
/** Providers use slashes and colons too. */
export const MODEL_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

export function parseCount(raw: string): number {
  if (!COUNT.test(raw)) throw new InvalidArgumentError('Expected a whole number from 1 to 9999999.');
  return Number(raw);
}

export function parseAmount(raw: string): Credits {
  const parsed = parseCredits(raw);
  if (!parsed.ok) throw new InvalidArgumentError(`Expected ${CREDITS_EXPECTED}.`);
  return parsed.value;
}

export function parseModels(raw: string): readonly string[] {
  const models = raw.split(',').map((name) => name.trim());
  const wrong = models.find((name) => !MODEL_PATTERN.test(name));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `${JSON.stringify(wrong)} is not a model name. Expected names separated by commas, for example ${USAGE_DEFAULTS.models}.`,
    );
  }
  return models;
}

export function parsePlan(raw: string): PlanName | 'auto' {
  const plan = PLAN_NAMES.find((name) => name === raw);
  if (plan === undefined && raw !== 'auto') {
    throw new InvalidArgumentError(`Expected auto or one of ${PLAN_NAMES.join(', ')}.`);
  }
  return plan ?? 'auto';
}

export function parseUrl(raw: string): string {
  if (!URL.canParse(raw) || !/^https?:$/.test(new URL(raw).protocol)) {
    throw new InvalidArgumentError(
      'Expected an http:// or https:// address, for example http://127.0.0.1:3000.',
    );
  }
  return raw;
}

export const DEFAULT_USAGE_OPTIONS: UsageOptions = {
  users: parseCount(USAGE_DEFAULTS.users),
  creators: parseCount(USAGE_DEFAULTS.creators),
  creatorFee: parseAmount(USAGE_DEFAULTS.creatorFee),
  models: parseModels(USAGE_DEFAULTS.models),
  plan: parsePlan(USAGE_DEFAULTS.plan),
  credits: parseAmount(USAGE_DEFAULTS.credits),
};
