import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { MODEL_NAME_EXPECTED, MODEL_NAME_PATTERN } from '../pricing/rate-card.js';
import type { FieldError } from '../refusal.js';
import type { PublishRateCardCommand } from './commands.js';
import type { PublishedModel } from './events.js';

/** $1,000,000 per 1,000,000 tokens: far above any price, far below what a sum could not hold. */
export const RATE_MAX = 1_000_000_000_000n;
export const CARD_MODELS_MAX = 2_000;
export const MODEL_CUSTOMERS_MAX = 1_000;

const RATES = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

/** What is wrong with a rate card, by field as it is sent: `models[3].input`. */
export function checkCard({ models, aliases }: PublishRateCardCommand): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (models.length === 0) errors.push({ field: 'models', message: 'must have at least one model' });
  if (models.length + aliases.length > CARD_MODELS_MAX)
    errors.push({ field: 'models', message: `must be at most ${CARD_MODELS_MAX}, aliases included` });
  const names = new Set<string>();
  models.forEach((model, i) => {
    errors.push(...checkName(`models[${i}].model`, model.model, names), ...checkModel(`models[${i}]`, model));
    names.add(model.model);
  });
  const priced = new Set(names);
  aliases.forEach(({ alias, model }, i) => {
    errors.push(...checkName(`aliases[${i}].alias`, alias, names));
    names.add(alias);
    if (!priced.has(model))
      errors.push({ field: `aliases[${i}].model`, message: 'must be the name of one of the models' });
  });
  return errors;
}

function checkName(field: string, name: string, taken: ReadonlySet<string>): readonly FieldError[] {
  if (!MODEL_NAME_PATTERN.test(name)) return [{ field, message: `must be ${MODEL_NAME_EXPECTED}` }];
  return taken.has(name) ? [{ field, message: 'is named twice: a model has one price on a card' }] : [];
}

function checkModel(path: string, model: PublishedModel): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const name of RATES) {
    const rate = model[name];
    if (rate !== undefined && (rate < 0n || rate > RATE_MAX))
      errors.push({
        field: `${path}.${name}`,
        message: `must be 0 to ${RATE_MAX} credits per 1,000,000 tokens`,
      });
  }
  const { customers } = model;
  if (customers === undefined) return errors;
  if (customers.size > MODEL_CUSTOMERS_MAX)
    errors.push({ field: `${path}.customers`, message: `must be at most ${MODEL_CUSTOMERS_MAX}` });
  if ([...customers].some((userId) => !ID_PATTERN.test(userId)))
    errors.push({ field: `${path}.customers`, message: `must hold user ids: ${ID_EXPECTED}` });
  return errors;
}
