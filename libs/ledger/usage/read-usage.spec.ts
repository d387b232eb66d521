import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenCounts } from '../pricing/tokens.js';
import { readUsage, tokensOfUsage, usageErrors } from './read-usage.js';

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
