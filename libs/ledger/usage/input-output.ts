import type { TokenCounts } from '../pricing/tokens.js';
import { checkTotal, INPUT_PARTS, sortInclusive } from './cached-input.js';
import type { UsageFields, Whole } from './usage-fields.js';

const READ = 'cache_read_input_tokens';
const CREATED = 'cache_creation_input_tokens';
const OUTPUT_PARTS = ['reasoning_tokens', 'thinking_tokens', 'audio_tokens', 'text_tokens'] as const;

/**
 * `input_tokens` and `output_tokens` mean two things: OpenAI's Responses and Realtime APIs count cached tokens inside
 * the input (`input_tokens_details`, `total_tokens`), Anthropic's Messages API counts them beside it (`cache_...`).
 * An object with neither has no cached tokens, and means the same in both.
 */
export function readInputOutput(usage: UsageFields): TokenCounts {
  usage.requireCount('input_tokens', 'a stream reports it first; merge message_delta into message_start');
  usage.requireCount('output_tokens', 'a stream reports it last; merge message_delta into message_start');
  const inclusive = ['input_tokens_details', 'input_token_details', 'total_tokens'].find((name) =>
    usage.has(name),
  );
  if (inclusive === undefined) return readAnthropic(usage);
  for (const name of [READ, CREATED]) {
    if (usage.value(name) > 0) {
      usage.refuse(
        name,
        `must not come with ${inclusive}, where input_tokens may or may not include it: send the object as the ` +
          'provider sent it, or the four buckets',
      );
    }
  }
  return readResponses(usage);
}

function readResponses(usage: UsageFields): TokenCounts {
  const { input, output } = wholesOf(usage);
  const details = ['input_tokens_details', 'input_token_details'].map((name) => usage.inside(name));
  for (const each of details) {
    usage.within(
      INPUT_PARTS.map((part) => each.count(part)),
      input,
    );
    for (const part of ['cache_read', 'cache_creation']) {
      if (each.value(part) > 0)
        each.refuse(part, 'is no name of a provider: send the object as it sent it, or the four buckets');
    }
  }
  checkOutputParts(usage, output);
  checkTotal(usage, input, output);
  return sortInclusive(usage, {
    input,
    output,
    cached: usage.agreed(details.map((each) => each.count('cached_tokens'))),
    written: usage.agreed(details.map((each) => each.count('cache_write_tokens'))),
  });
}

function readAnthropic(usage: UsageFields): TokenCounts {
  checkOutputParts(usage, wholesOf(usage).output);
  return usage.list('iterations').reduce((sum, iteration) => {
    const counts = anthropicCounts(iteration);
    const type = iteration.text('type');
    // The sums of the whole request leave out what the summary of a long conversation took; it is billed all the same.
    if (type === 'compaction') return add(sum, counts);
    // A sampling step of the answer itself is inside those sums.
    if (type !== 'message' && Object.values(counts).some((count) => count > 0)) {
      iteration.refuse(
        'type',
        'must be message or compaction: another step may run on another model. Charge its tokens as a run of their own',
      );
    }
    return sum;
  }, anthropicCounts(usage));
}

/** The four counts are disjoint as they come; a cache is written for five minutes or an hour, priced alike. */
function anthropicCounts(usage: UsageFields): TokenCounts {
  const created = usage.count(CREATED);
  const byLife = usage.inside('cache_creation');
  const parts = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'].map((name) => byLife.count(name));
  const sum = parts.reduce((total, part) => total + (part?.value ?? 0), 0);
  if (created !== undefined && parts.some((part) => part !== undefined) && sum !== created.value) {
    usage.refuse('cache_creation', `must add up to ${created.path} (${created.value}), not to ${sum}`);
  }
  return {
    inputTokens: usage.value('input_tokens'),
    outputTokens: usage.value('output_tokens'),
    cachedInputTokens: usage.value(READ),
    cacheWriteTokens: created?.value ?? sum,
  };
}

const wholesOf = (usage: UsageFields): { readonly input: Whole; readonly output: Whole } => ({
  input: { name: 'usage.input_tokens', value: usage.value('input_tokens') },
  output: { name: 'usage.output_tokens', value: usage.value('output_tokens') },
});

function checkOutputParts(usage: UsageFields, output: Whole): void {
  for (const name of ['output_tokens_details', 'output_token_details']) {
    const details = usage.inside(name);
    usage.within(
      OUTPUT_PARTS.map((part) => details.count(part)),
      output,
    );
  }
}

const add = (a: TokenCounts, b: TokenCounts): TokenCounts => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
});
