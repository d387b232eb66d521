import fc from 'fast-check';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { holds } from '#test/support/property.js';
import { difference, draftCard, isSame } from './difference.js';
import { exactRate } from './exact-rate.js';
import { type MapChoice, type PriceMap, readPriceMap } from './price-map.js';

const PROPERTY_RUNS = 5_000;

function read(text: string, choice?: MapChoice): PriceMap {
  const map = readPriceMap(text, choice);
  if (!map.ok) throw new Error(map.error);
  return map.value;
}

describe('a price is taken digit by digit', () => {
  test.each([
    ['5.46875e-07', 546_875n],
    ['2.1875e-06', 2_187_500n],
    ['3e-05', 30_000_000n],
    ['0.00003', 30_000_000n],
    ['3E-5', 30_000_000n],
    ['30e-6', 30_000_000n],
    ['1e-12', 1n],
    ['0.000000000001', 1n],
    ['1.100e-11', 11n],
    ['0', 0n],
    ['0.0', 0n],
    ['-0', 0n],
    ['0e999999999', 0n],
    ['1', 1_000_000_000_000n],
    // As a double this is 29,999,999.999999996 credits.
    ['0.000029999999', 29_999_999n],
  ])('%s dollars a token are %s credits per 1,000,000', (text, rate) => {
    expect(exactRate(text)).toEqual({ ok: true, value: rate });
  });

  test.each([
    ['1e-13', 'not whole'],
    ['5.468755e-07', 'not whole'],
    ['3.90625e-08', 'not whole'],
    ['1.0000000000001e-06', 'not whole'],
    ['-1e-06', 'negative'],
    ['1e999999999', 'out of any range'],
    ['1e-999999999', 'out of any range'],
    ['1.000001', 'above'],
    ['NaN', 'not a number'],
    ['', 'not a number'],
    ['01', 'not a number'],
    ['1e', 'not a number'],
  ])('%s', (text, reason) => {
    const rate = exactRate(text);
    expect(rate.ok ? '' : rate.error).toContain(reason);
  });

  test('every rate in every way of writing it comes back', () => {
    const rates = fc.bigInt({ min: 0n, max: 1_000_000_000_000n });
    holds(
      'exact rates',
      PROPERTY_RUNS,
      fc.property(rates, fc.integer({ min: 0, max: 30 }), (rate, point) => {
        const digits = rate.toString();
        // Move the point `point` digits to the left of the end and say so in the exponent.
        const padded = digits.padStart(point + 1, '0');
        const whole = padded.slice(0, padded.length - point);
        const fraction = padded.slice(padded.length - point);
        const text = `${whole}${point === 0 ? '' : `.${fraction}`}e${point - 12}`;
        expect([text, exactRate(text)]).toEqual([text, { ok: true, value: rate }]);
      }),
    );
  });
});

const MAP = `{
  "sample_spec": { "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "one of: chat, ..." },
  "gpt-4": { "input_cost_per_token": 3e-05, "output_cost_per_token": 6e-05, "mode": "chat", "max_tokens": 4096 },
  "gpt-4-turbo": { "input_cost_per_token": 8e-06, "output_cost_per_token": 3e-05, "mode": "chat" },
  "amazon.nova-2-pro-v1:0": { "cache_read_input_token_cost": 5.46875e-07, "input_cost_per_token": 2.1875e-06,
    "output_cost_per_token": 1.75e-05, "mode": "chat" },
  "claude-3-opus": { "input_cost_per_token": 1.5e-05, "output_cost_per_token": 7.5e-05,
    "cache_creation_input_token_cost": 1.875e-05, "cache_read_input_token_cost": 1.5e-06, "mode": "chat" },
  "gemini/long": { "input_cost_per_token": 1.25e-06, "input_cost_per_token_above_200k_tokens": 2.5e-06,
    "output_cost_per_token": 1e-05, "mode": "chat" },
  "dall-e-3": { "output_cost_per_image": 0.04, "mode": "image_generation" },
  "whisper-1": { "input_cost_per_second": 0.0001, "mode": "audio_transcription" },
  "ollama/llama3": { "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "chat" },
  "bedrock/*/model": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 },
  "half": { "input_cost_per_token": 1e-06, "mode": "chat" },
  "too-fine": { "input_cost_per_token": 3.90625e-14, "output_cost_per_token": 1e-06, "mode": "chat" },
  "as-text": { "input_cost_per_token": "1e-06", "output_cost_per_token": 1e-06, "mode": "chat" }
}`;

describe('a price map', () => {
  test('every model with a price for tokens is taken, the others are listed with the reason', () => {
    const map = read(MAP);
    expect(map.models).toEqual([
      { model: 'gpt-4', input: 30_000_000n, output: 60_000_000n },
      { model: 'gpt-4-turbo', input: 8_000_000n, output: 30_000_000n },
      { model: 'amazon.nova-2-pro-v1:0', input: 2_187_500n, output: 17_500_000n, cacheRead: 546_875n },
      {
        model: 'claude-3-opus',
        input: 15_000_000n,
        output: 75_000_000n,
        cacheRead: 1_500_000n,
        cacheWrite: 18_750_000n,
      },
      { model: 'gemini/long', input: 1_250_000n, output: 10_000_000n },
    ]);
    expect(map.tiered).toEqual(['gemini/long']);
    expect(map.skipped).toEqual([
      { model: 'dall-e-3', reason: 'has no price for tokens (image_generation)' },
      { model: 'whisper-1', reason: 'has no price for tokens (audio_transcription)' },
      { model: 'ollama/llama3', reason: 'costs nothing in the map; name it to import it as free of charge' },
      {
        model: 'bedrock/*/model',
        reason: 'is not a model name: 1 to 128 characters of A-Z a-z 0-9 . _ : / -',
      },
      { model: 'half', reason: 'has no output_cost_per_token' },
    ]);
    expect(map.refused).toEqual([
      {
        model: 'too-fine',
        reason:
          'input_cost_per_token 3.90625e-14 is not whole in credits per 1,000,000 tokens (12 decimals at most)',
      },
      { model: 'as-text', reason: 'input_cost_per_token must be a JSON number' },
    ]);
  });

  test('models can be chosen by name, given another, and left out', () => {
    const chosen = read(MAP, {
      models: [
        { model: 'gpt-4', inMap: 'gpt-4' },
        { model: 'nova', inMap: 'amazon.nova-2-pro-v1:0' },
        { model: 'local', inMap: 'ollama/llama3' },
      ],
    });
    expect(chosen.models.map(({ model, input }) => [model, input])).toEqual([
      ['gpt-4', 30_000_000n],
      ['nova', 2_187_500n],
      ['local', 0n],
    ]);
    expect(read(MAP, { without: ['too-fine', 'as-text'] }).refused).toEqual([]);
  });

  test('a model asked for by name and without a price is refused, not skipped', () => {
    const models = ['dall-e-3', 'half', 'gpt-9', 'constructor'].map((name) => ({ model: name, inMap: name }));
    expect(read(MAP, { models })).toMatchObject({
      models: [],
      skipped: [],
      refused: [
        { model: 'dall-e-3', reason: 'has no price for tokens (image_generation)' },
        { model: 'half', reason: 'has no output_cost_per_token' },
        { model: 'gpt-9', reason: 'is not in the map' },
        { model: 'constructor', reason: 'is not in the map' },
      ],
    });
  });

  test.each([
    ['', 'is not JSON'],
    ['[]', 'must be a JSON object of models'],
    ['5', 'must be a JSON object of models'],
    ['{"a": {"input_cost_per_token": 1}, "a": {"input_cost_per_token": 2}}', "Duplicate key 'a'"],
    ['['.repeat(200_000), 'is not JSON'],
  ])('%.40s is none', (text, reason) => {
    const map = readPriceMap(text);
    expect(map.ok ? '' : map.error).toContain(reason);
  });
});

describe('the difference to the card in force', () => {
  const map = read(MAP, { without: ['too-fine', 'as-text', 'gemini/long'] });

  test('added, changed by bucket, removed, unchanged', () => {
    const draft = draftCard(map.models, STANDARD_RATE_CARD, { keep: false });
    expect(difference(draft, STANDARD_RATE_CARD)).toEqual({
      added: [
        { model: 'amazon.nova-2-pro-v1:0', input: 2_187_500n, output: 17_500_000n, cacheRead: 546_875n },
      ],
      changed: [{ model: 'gpt-4-turbo', rates: [{ bucket: 'input', from: 10_000_000n, to: 8_000_000n }] }],
      removed: ['claude-3-sonnet', 'deepseek', 'gpt-3.5-turbo', 'gpt-4-32k', 'mistral-large', 'mixtral-8x7b'],
      aliasesAdded: [],
      aliasesRemoved: [],
      unchanged: 2,
    });
    expect(draft.aliases).toEqual([{ alias: 'claude-3-opus-200k', model: 'claude-3-opus' }]);
  });

  test('models that the map does not price can be kept', () => {
    const draft = draftCard(map.models, STANDARD_RATE_CARD, { keep: true });
    expect(difference(draft, STANDARD_RATE_CARD)).toMatchObject({ removed: [], unchanged: 8 });
    expect(draft.models).toHaveLength(10);
  });

  test('an alias goes with its model', () => {
    const draft = draftCard(
      [{ model: 'gpt-4', input: 30_000_000n, output: 60_000_000n }],
      STANDARD_RATE_CARD,
      { keep: false },
    );
    expect(difference(draft, STANDARD_RATE_CARD).aliasesRemoved).toEqual([
      { alias: 'claude-3-opus-200k', model: 'claude-3-opus' },
    ]);
  });

  test('a rate that only now gets its own name, at the price it had, is no change', () => {
    const draft = draftCard(
      [{ model: 'gpt-4', input: 30_000_000n, output: 60_000_000n, cacheRead: 30_000_000n }],
      STANDARD_RATE_CARD,
      { keep: true },
    );
    expect(isSame(difference(draft, STANDARD_RATE_CARD))).toBe(true);
  });

  test('a private model stays private', () => {
    const customers = new Set(['u-1']);
    const card = {
      ...STANDARD_RATE_CARD,
      models: new Map([['gpt-4', { input: 1n, output: 1n, customers }]]),
    };
    const draft = draftCard([{ model: 'gpt-4', input: 2n, output: 1n }], card, { keep: false });
    expect(draft.models).toEqual([{ model: 'gpt-4', input: 2n, output: 1n, customers }]);
  });

  test('without a card in force everything is added', () => {
    const draft = draftCard(map.models, undefined, { keep: true });
    expect(difference(draft, undefined)).toMatchObject({ added: draft.models, unchanged: 0, removed: [] });
  });
});
