import { TimeField } from '../validation/fields.js';
import { Field, type FieldPresence, type Rule } from '../validation/rule.js';

/** When a publication takes effect. */
export const EffectiveFromField = () =>
  TimeField({
    description:
      'When it takes effect (UTC), at least 60 s ahead: every process has read it by then. It cannot be changed; ' +
      'before its time it can be replaced by publishing again.',
    example: '2027-01-01T00:00:00Z',
  });

interface NestedOptions extends FieldPresence {
  readonly description: string;
  readonly example: unknown;
  readonly schema: object;
}

const isArray: Rule = { name: 'isArray', message: 'must be a JSON array', test: Array.isArray };
const isObject: Rule = {
  name: 'isObject',
  message: 'must be a JSON object',
  test: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
};

/** Array whose items are judged by a `NestedReader`. */
export const ItemsField = ({ description, example, schema, ...presence }: NestedOptions) =>
  Field([isArray], presence, { type: 'array', items: schema, description, example });

/** Record whose fields are judged by a `NestedReader`. */
export const RecordField = ({ description, example, schema, ...presence }: NestedOptions) =>
  Field([isObject], presence, { ...schema, description, example });

const amount = (description: string, example: string) => ({
  description: `${description} Digits as a string, or a JSON integer.`,
  oneOf: [
    { type: 'string', pattern: '^(0|[1-9][0-9]{0,17})$', maxLength: 18 },
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  ],
  example,
});

const rate = (what: string, example: string) => amount(`Credits per 1,000,000 ${what}.`, example);

export const PUBLISHED_MODEL_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['model', 'input', 'output'],
  properties: {
    model: { type: 'string', maxLength: 128, description: 'Name to request.', example: 'gpt-4' },
    input: rate('input tokens', '30000000'),
    output: rate('output tokens', '60000000'),
    cacheRead: rate('tokens read from the cache; without it they cost input', '30000000'),
    cacheWrite: rate('tokens written to the cache; without it they cost input', '30000000'),
    customers: {
      type: 'array',
      items: { type: 'string', maxLength: 128 },
      description: 'A custom or private model: only these users may use it. Without it everybody may.',
      example: ['u-1'],
    },
  },
};

export const ALIAS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['alias', 'model'],
  properties: {
    alias: { type: 'string', maxLength: 128, description: 'Another name.', example: 'claude-3-opus-200k' },
    model: { type: 'string', maxLength: 128, description: 'Model of this card.', example: 'claude-3-opus' },
  },
};

const LIMIT_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  properties: {
    kind: { type: 'string', enum: ['limited', 'unlimited', 'custom'], example: 'limited' },
    max: { type: 'integer', minimum: 0, description: 'With kind limited.', example: 3 },
  },
};

export const PLAN_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['monthly', 'privatePrompts', 'testRuns', 'storageBytes', 'models', 'privateModels', 'byok'],
  properties: {
    monthly: {
      type: 'object',
      additionalProperties: false,
      required: ['kind'],
      properties: {
        kind: { type: 'string', enum: ['granted', 'unlimited'], example: 'granted' },
        planCredits: amount('With kind granted: plan credits a month.', '1500'),
        covers: {
          type: 'array',
          items: { type: 'string', enum: ['inference', 'markup', 'byokFee'] },
          description: 'With kind unlimited: what it covers. Creator fees always draw lots.',
        },
        fairUse: amount('With kind unlimited: credits a month after which lots pay again.', '500000000'),
      },
    },
    privatePrompts: LIMIT_SCHEMA,
    testRuns: LIMIT_SCHEMA,
    storageBytes: LIMIT_SCHEMA,
    models: { type: 'array', items: { type: 'string', maxLength: 128 }, example: ['deepseek'] },
    privateModels: {
      type: 'boolean',
      description: 'Custom and private models too, for their customers.',
      example: false,
    },
    byok: { type: 'boolean', description: "Runs on the user's own provider key.", example: true },
  },
};
