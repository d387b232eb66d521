import type { TokenCounts } from '../pricing/tokens.js';
import { checkTotal, INPUT_PARTS, sortInclusive } from './cached-input.js';
import type { Count, UsageFields, Whole } from './usage-fields.js';

const COMPLETION_PARTS = [
  'reasoning_tokens',
  'audio_tokens',
  'text_tokens',
  'accepted_prediction_tokens',
  'rejected_prediction_tokens',
] as const;

/**
 * Chat completions of OpenAI, DeepSeek and Mistral: `prompt_tokens` includes what was read from and written to a
 * cache, `completion_tokens` includes reasoning. The answer counts only when no problem was noted.
 */
export function readPromptCompletion(usage: UsageFields): TokenCounts {
  const input: Whole = { name: 'usage.prompt_tokens', value: usage.value('prompt_tokens') };
  const output: Whole = { name: 'usage.completion_tokens', value: usage.value('completion_tokens') };
  if (!usage.has('total_tokens')) {
    // Embeddings have no completion; only a total proves that none was left out.
    usage.requireCount('completion_tokens', 'without it and total_tokens nobody knows the output');
  }
  const details = usage.inside('prompt_tokens_details');
  usage.within(
    INPUT_PARTS.map((part) => details.count(part)),
    input,
  );
  const outputDetails = usage.inside('completion_tokens_details');
  usage.within(
    COMPLETION_PARTS.map((part) => outputDetails.count(part)),
    output,
  );
  checkTotal(usage, input, output);
  refuseOtherFamily(usage, input, output);
  return sortInclusive(usage, {
    input,
    output,
    cached: readCached(usage, details, input),
    written: details.count('cache_write_tokens'),
  });
}

/** Every name under which these providers report cached prompt tokens; those that are given must say the same. */
function readCached(usage: UsageFields, details: UsageFields, prompt: Whole): Count | undefined {
  const hit = usage.count('prompt_cache_hit_tokens');
  const given = [
    details.count('cached_tokens'),
    usage.inside('prompt_token_details').count('cached_tokens'),
    usage.count('num_cached_tokens'),
    hit,
  ];
  usage.within(given, prompt);
  return usage.agreed([...given, impliedByMiss(usage, hit, prompt)]);
}

/** What DeepSeek's count of misses says about the hits. */
function impliedByMiss(usage: UsageFields, hit: Count | undefined, prompt: Whole): Count | undefined {
  const miss = usage.count('prompt_cache_miss_tokens');
  if (miss === undefined) return undefined;
  if (hit !== undefined && hit.value + miss.value !== prompt.value) {
    usage.note(miss.path, `must be ${prompt.name} (${prompt.value}) less ${hit.path} (${hit.value})`);
    return undefined;
  }
  usage.within([miss], prompt);
  return { path: miss.path, value: prompt.value - miss.value };
}

/** Fields of the other family beside `prompt_tokens`: harmless when they say the same, refused when they add tokens. */
function refuseOtherFamily(usage: UsageFields, input: Whole, output: Whole): void {
  for (const [name, ours] of [
    ['input_tokens', input],
    ['output_tokens', output],
  ] as const) {
    const other = usage.count(name);
    if (other !== undefined && other.value !== ours.value)
      usage.note(other.path, `must be ${ours.value}, as ${ours.name} says`);
  }
  for (const name of ['cache_read_input_tokens', 'cache_creation_input_tokens']) {
    if (usage.value(name) > 0) {
      usage.refuse(
        name,
        'must not come with prompt_tokens, which may or may not include it: send the object as the provider sent it, ' +
          'or the four buckets',
      );
    }
  }
}
