import type { TokenCounts } from '../pricing/tokens.js';
import type { Count, UsageFields, Whole } from './usage-fields.js';

interface Inclusive {
  /** Input with everything that was cached in it. */
  readonly input: Whole;
  readonly output: Whole;
  readonly cached: Count | undefined;
  readonly written: Count | undefined;
}

/** Takes what was read from and written to a cache out of an input that includes both. */
export function sortInclusive(usage: UsageFields, counts: Inclusive): TokenCounts {
  const { input, output, cached, written } = counts;
  const cachedInputTokens = cached?.value ?? 0;
  const cacheWriteTokens = written?.value ?? 0;
  usage.within([cached, written], input);
  const fitsEach = cachedInputTokens <= input.value && cacheWriteTokens <= input.value;
  if (fitsEach && cachedInputTokens + cacheWriteTokens > input.value) {
    usage.note(
      written!.path,
      `must not be more than ${input.name} (${input.value}) less the ${cachedInputTokens} cached ones`,
    );
  }
  return {
    inputTokens: input.value - cachedInputTokens - cacheWriteTokens,
    outputTokens: output.value,
    cachedInputTokens,
    cacheWriteTokens,
  };
}

/** A total that is given must be the sum of input and output. */
export function checkTotal(usage: UsageFields, input: Whole, output: Whole): void {
  const total = usage.count('total_tokens');
  const sum = input.value + output.value;
  if (total !== undefined && total.value !== sum) {
    usage.note(
      total.path,
      `must be ${sum}: ${input.name} (${input.value}) and ${output.name} (${output.value})`,
    );
  }
}

export const INPUT_PARTS = ['audio_tokens', 'text_tokens', 'image_tokens'] as const;
