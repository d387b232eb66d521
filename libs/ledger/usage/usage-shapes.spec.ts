import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { holds } from '#test/support/property.js';
import type { TokenCounts } from '../pricing/tokens.js';
import { readUsage, tokensOfUsage } from './read-usage.js';

const PROPERTY_RUNS = 5_000;
const FOLDER = join(import.meta.dirname, 'fixtures');
/** Every field that a provider is known to send. */
const FIELDS = new Set(
  readdirSync(FOLDER).flatMap((file) => {
    const { usage } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { readonly usage: object };
    return Object.keys(usage);
  }),
);

const sum = (tokens: TokenCounts): number =>
  tokens.inputTokens + tokens.outputTokens + tokens.cachedInputTokens + tokens.cacheWriteTokens;

const count = fc.oneof(fc.nat(3), fc.nat(5_000), fc.nat(300_000_000));
const noise = fc.dictionary(
  fc.stringMatching(/^x_[a-z]{1,8}$/),
  fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
);
/** A count, or what providers send for none. */
const none = fc.constantFrom(0, null, undefined);

const parts = fc.record({
  fresh: count,
  read: count,
  written: count,
  output: count,
  noise,
  none,
  reasoningShare: fc.nat(100),
});

/** Every shape of the same run, with the provider's own total. */
function shapes({
  fresh,
  read,
  written,
  output,
  noise: extra,
  none: nil,
  reasoningShare,
}: Parts): readonly Shape[] {
  const reasoning = Math.floor((output * reasoningShare) / 100);
  const openAi = {
    prompt_tokens: fresh + read,
    completion_tokens: output,
    total_tokens: fresh + read + output,
  };
  const inclusive = {
    inputTokens: fresh,
    outputTokens: output,
    cachedInputTokens: read,
    cacheWriteTokens: 0,
  };
  const details = { prompt_tokens_details: { cached_tokens: read, audio_tokens: nil } };
  const thought = { completion_tokens_details: { reasoning_tokens: reasoning } };
  const responses = {
    input_tokens: fresh + read,
    output_tokens: output,
    total_tokens: fresh + read + output,
    input_tokens_details: { cached_tokens: read },
    output_tokens_details: { reasoning_tokens: reasoning },
  };
  return [
    { usage: { ...extra, ...openAi, ...details, ...thought }, tokens: inclusive, total: openAi.total_tokens },
    {
      usage: {
        ...extra,
        ...openAi,
        ...thought,
        prompt_cache_hit_tokens: read,
        prompt_cache_miss_tokens: fresh,
      },
      tokens: inclusive,
      total: openAi.total_tokens,
    },
    {
      usage: { ...extra, ...openAi, num_cached_tokens: read },
      tokens: inclusive,
      total: openAi.total_tokens,
    },
    { usage: { ...extra, ...responses }, tokens: inclusive, total: responses.total_tokens },
    {
      usage: {
        ...extra,
        input_tokens: fresh,
        output_tokens: output,
        cache_read_input_tokens: read === 0 ? nil : read,
        cache_creation_input_tokens: written,
      },
      tokens: { ...inclusive, cacheWriteTokens: written },
      total: fresh + read + written + output,
    },
  ];
}

type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;
interface Shape {
  readonly usage: Record<string, unknown>;
  readonly tokens: TokenCounts;
  readonly total: number;
}

test('for every shape the buckets sum to the provider’s total, and no token is counted twice', () => {
  holds(
    'usage objects',
    PROPERTY_RUNS,
    fc.property(parts, (run) => {
      for (const { usage, tokens, total } of shapes(run)) {
        expect(readUsage(usage)).toEqual({ ok: true, value: tokens });
        expect(sum(tokensOfUsage(usage))).toBe(total);
      }
    }),
  );
});

test('whatever JSON comes, it is sorted into four counts within bounds or refused by name', () => {
  const names = fc.constantFrom(...FIELDS, 'prompt_token_details');
  const value = fc.oneof(
    count,
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('cached_tokens', 'reasoning_tokens'), count),
  );
  holds(
    'usage objects at random',
    PROPERTY_RUNS,
    fc.property(fc.dictionary(names, value), (usage) => {
      const read = readUsage(usage);
      if (read.ok) {
        for (const each of Object.values(read.value)) {
          expect(Number.isInteger(each) && each >= 0 && each <= 1_000_000_000).toBe(true);
        }
      } else {
        expect(read.error.length).toBeGreaterThan(0);
        for (const { field } of read.error) expect(field).toMatch(/^usage(\.|$)/);
      }
    }),
  );
});
