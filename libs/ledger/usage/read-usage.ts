import { err, ok, type Result } from '#libs/kernel/result.js';
import { type TokenCounts, TOKENS_MAX } from '../pricing/tokens.js';
import type { FieldError } from '../refusal.js';
import { readInputOutput } from './input-output.js';
import { readPromptCompletion } from './prompt-completion.js';
import { Problems, UsageFields } from './usage-fields.js';

const FIELD = 'usage';
/** What a usage object must look like, for error messages. */
export const USAGE_EXPECTED =
  'a usage object as the provider sent it: prompt_tokens with completion_tokens (OpenAI, DeepSeek, Mistral), ' +
  'or input_tokens with output_tokens (OpenAI Responses, Anthropic)';

/**
 * Sorts a provider's own usage object, passed on as received, into the four disjoint buckets (domain rules, section 2:
 * usage objects). Fields it does not know are left alone; counts it knows must add up, so that no token is charged
 * twice or for nothing. Errors carry the full name of the field, such as `usage.prompt_tokens_details.cached_tokens`.
 */
export function readUsage(raw: unknown): Result<TokenCounts, readonly FieldError[]> {
  const problems = new Problems();
  const usage = UsageFields.of(FIELD, raw, problems);
  const tokens = usage === undefined ? undefined : readShape(usage);
  if (tokens === undefined) return err([{ field: FIELD, message: `must be ${USAGE_EXPECTED}` }]);
  for (const [bucket, count] of Object.entries(tokens)) {
    // Each count is in bounds by itself; only what was added to another can leave them.
    if (count > TOKENS_MAX) problems.noteSum(FIELD, `must come to at most ${TOKENS_MAX} ${bucket}`);
  }
  const errors = problems.list();
  return errors.length === 0 ? ok(tokens) : err(errors);
}

/** What is wrong with a usage object, one entry a field; none when it can be charged. */
export function usageErrors(raw: unknown): readonly FieldError[] {
  const read = readUsage(raw);
  return read.ok ? [] : read.error;
}

/** The buckets of a usage object that was checked before. @throws when it does not add up */
export function tokensOfUsage(raw: unknown): TokenCounts {
  const read = readUsage(raw);
  if (read.ok) return read.value;
  throw new Error(read.error.map(({ field, message }) => `${field} ${message}`).join('; '));
}

function readShape(usage: UsageFields): TokenCounts | undefined {
  if (usage.has('prompt_tokens')) return readPromptCompletion(usage);
  if (usage.has('input_tokens') || usage.has('output_tokens')) return readInputOutput(usage);
  return undefined;
}
