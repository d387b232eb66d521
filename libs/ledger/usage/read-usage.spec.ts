import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { holds } from '#test/support/property.js';
import type { TokenCounts } from '../pricing/tokens.js';
import { readUsage, tokensOfUsage, usageErrors } from './read-usage.js';

const PROPERTY_RUNS = 5_000;
const FOLDER = join(import.meta.dirname, 'fixtures');

interface Fixture {
  readonly provider: string;
  readonly api: string;
  readonly variant: string;
  readonly source: string;
  readonly usage: Record<string, unknown>;
  /** Every token the provider bills. */
  readonly total: number;
  readonly buckets: TokenCounts;
}

const fixtures = readdirSync(FOLDER)
  .sort()
  .map((file): readonly [string, Fixture] => [
    file,
    JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Fixture,
  ]);

const sum = (tokens: TokenCounts): number =>
  tokens.inputTokens + tokens.outputTokens + tokens.cachedInputTokens + tokens.cacheWriteTokens;

describe('usage objects as providers send them', () => {
  test('every provider is there, streaming and reasoning too', () => {
    const providers = new Set(fixtures.map(([, { provider }]) => provider));
    for (const provider of ['OpenAI', 'Anthropic', 'DeepSeek', 'Mistral'])
      expect(providers).toContain(provider);
    expect(fixtures.length).toBeGreaterThanOrEqual(14);
    for (const provider of ['OpenAI', 'Anthropic', 'DeepSeek', 'Mistral']) {
      const streamed = fixtures.filter(
        ([, each]) => each.provider === provider && each.variant.startsWith('streaming'),
      );
      expect([provider, streamed.length > 0]).toEqual([provider, true]);
    }
  });

  test.each(fixtures)('%s', (_file, { usage, buckets, total, source }) => {
    expect(readUsage(usage)).toEqual({ ok: true, value: buckets });
    expect(sum(buckets)).toBe(total);
    expect(source).not.toBe('');
  });
});

const OPENAI = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };
const RESPONSES = { input_tokens: 100, output_tokens: 50, total_tokens: 150 };
const ANTHROPIC = {
  input_tokens: 100,
  output_tokens: 50,
  cache_read_input_tokens: 10,
  cache_creation_input_tokens: 20,
};
const DEEPSEEK = { ...OPENAI, prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 };

const COUNT = 'must be a JSON integer from 0 to 1000000000, or null where the provider counts nothing';

describe('a shape that does not add up is refused by name', () => {
  test.each<readonly [string, unknown, string]>([
    [
      'cached more than the prompt',
      { ...OPENAI, prompt_tokens_details: { cached_tokens: 101 } },
      'usage.prompt_tokens_details.cached_tokens',
    ],
    [
      'cached and written more than the prompt',
      { ...OPENAI, prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 41 } },
      'usage.prompt_tokens_details.cache_write_tokens',
    ],
    [
      'audio more than the prompt',
      { ...OPENAI, prompt_tokens_details: { audio_tokens: 101 } },
      'usage.prompt_tokens_details.audio_tokens',
    ],
    [
      'reasoning more than the completion',
      { ...OPENAI, completion_tokens_details: { reasoning_tokens: 51 } },
      'usage.completion_tokens_details.reasoning_tokens',
    ],
    [
      'rejected prediction more than the completion',
      { ...OPENAI, completion_tokens_details: { rejected_prediction_tokens: 51 } },
      'usage.completion_tokens_details.rejected_prediction_tokens',
    ],
    ['total is not the sum', { ...OPENAI, total_tokens: 151 }, 'usage.total_tokens'],
    [
      'reasoning beside the completion, in the total only',
      { ...OPENAI, total_tokens: 180, completion_tokens_details: { reasoning_tokens: 30 } },
      'usage.total_tokens',
    ],
    [
      'hits and misses are not the prompt',
      { ...DEEPSEEK, prompt_cache_miss_tokens: 41 },
      'usage.prompt_cache_miss_tokens',
    ],
    [
      'misses alone more than the prompt',
      { ...OPENAI, prompt_cache_miss_tokens: 101 },
      'usage.prompt_cache_miss_tokens',
    ],
    [
      'two opinions about cached tokens',
      { ...DEEPSEEK, prompt_tokens_details: { cached_tokens: 59 } },
      'usage.prompt_cache_hit_tokens',
    ],
    [
      'two opinions of Mistral',
      { ...OPENAI, num_cached_tokens: 64, prompt_tokens_details: { cached_tokens: 0 } },
      'usage.num_cached_tokens',
    ],
    ['no completion and no total', { prompt_tokens: 5 }, 'usage.completion_tokens'],
    ['no completion, but the total has one', { prompt_tokens: 5, total_tokens: 6 }, 'usage.total_tokens'],
    ['Responses: total is not the sum', { ...RESPONSES, total_tokens: 149 }, 'usage.total_tokens'],
    [
      'Responses: cached more than the input',
      { ...RESPONSES, input_tokens_details: { cached_tokens: 101 } },
      'usage.input_tokens_details.cached_tokens',
    ],
    [
      'Responses: reasoning more than the output',
      { ...RESPONSES, output_tokens_details: { reasoning_tokens: 51 } },
      'usage.output_tokens_details.reasoning_tokens',
    ],
    [
      'Anthropic: thinking more than the output',
      { ...ANTHROPIC, output_tokens_details: { thinking_tokens: 51 } },
      'usage.output_tokens_details.thinking_tokens',
    ],
    [
      'Anthropic: cache writes by life are not the cache writes',
      { ...ANTHROPIC, cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 14 } },
      'usage.cache_creation',
    ],
    ['Anthropic: message_delta alone', { output_tokens: 15 }, 'usage.input_tokens'],
    ['Anthropic: no output', { input_tokens: 15 }, 'usage.output_tokens'],
    [
      'Anthropic: a step of another kind',
      { ...ANTHROPIC, iterations: [{ type: 'advisor_message', input_tokens: 9, output_tokens: 1 }] },
      'usage.iterations[0].type',
    ],
    [
      'cached beside an input that may include it',
      { ...ANTHROPIC, total_tokens: 150 },
      'usage.cache_read_input_tokens',
    ],
    [
      'cached beside a prompt that may include it',
      { ...OPENAI, cache_read_input_tokens: 30 },
      'usage.cache_read_input_tokens',
    ],
    ['two different inputs', { ...OPENAI, input_tokens: 99 }, 'usage.input_tokens'],
    [
      'sums beyond 10^9',
      {
        input_tokens: 600_000_000,
        output_tokens: 1,
        iterations: [{ type: 'compaction', input_tokens: 600_000_000, output_tokens: 1 }],
      },
      'usage',
    ],
  ])('%s', (_what, usage, field) => {
    expect(usageErrors(usage).map((error) => error.field)).toContain(field);
    expect(() => tokensOfUsage(usage)).toThrow(field);
  });

  test.each<readonly [string, unknown]>([
    ['negative', -1],
    ['minus zero', -0],
    ['a fraction', 1.5],
    ['a string', '10'],
    ['above 10^9', 1_000_000_001],
    ['true', true],
    ['NaN', Number.NaN],
    ['a list', [1]],
  ])('a count that is %s', (_what, value) => {
    const count = (field: string) => [{ field, message: COUNT }];
    expect(usageErrors({ ...OPENAI, prompt_tokens: value })).toEqual(count('usage.prompt_tokens'));
    expect(usageErrors({ ...OPENAI, prompt_tokens_details: { cached_tokens: value } })).toEqual(
      count('usage.prompt_tokens_details.cached_tokens'),
    );
    expect(usageErrors({ ...ANTHROPIC, cache_read_input_tokens: value })).toEqual(
      count('usage.cache_read_input_tokens'),
    );
    expect(usageErrors({ ...RESPONSES, total_tokens: value })).toEqual(count('usage.total_tokens'));
  });

  test.each<readonly [string, unknown]>([
    ['null', null],
    ['absent', undefined],
    ['a list', [OPENAI]],
    ['a text', '{}'],
    ['empty', {}],
    ["Google's names", { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 }],
    ['a whole response', { id: 'chatcmpl-1', usage: OPENAI }],
  ])('%s is no usage object', (_what, usage) => {
    const errors = usageErrors(usage);
    expect(errors.map(({ field }) => field)).toEqual(['usage']);
    expect(errors[0]!.message).toContain('must be a usage object as the provider sent it');
  });

  test.each([
    ['details', { ...OPENAI, prompt_tokens_details: 7 }, 'usage.prompt_tokens_details'],
    ['iterations', { ...ANTHROPIC, iterations: {} }, 'usage.iterations'],
    ['an iteration', { ...ANTHROPIC, iterations: [null] }, 'usage.iterations[0]'],
  ])('%s of the wrong kind', (_what, usage, field) => {
    expect(usageErrors(usage).map((error) => error.field)).toEqual([field]);
  });

  test('a hostile list of steps gives a readable number of errors', () => {
    const iterations = Array.from({ length: 5_000 }, () => ({ type: 'x', input_tokens: 1 }));
    expect(usageErrors({ ...ANTHROPIC, iterations })).toHaveLength(20);
  });
});

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
  const names = fc.constantFrom(
    ...new Set(fixtures.flatMap(([, { usage }]) => Object.keys(usage))),
    'prompt_token_details',
  );
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
