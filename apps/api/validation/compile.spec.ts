import { randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { IsString, MinLength, ValidateNested, validateSync } from 'class-validator';
import fc from 'fast-check';
import { ChargeItemDto, ChargePromptDto } from '../commands/charge-prompt.dto.js';
import { AddCreditsDto, ReinstateCreditsDto, RevokeCreditsDto } from '../commands/credits.dto.js';
import { RefundFlowDto, UnlockFlowDto } from '../commands/flows.dto.js';
import { AuthoriseRunDto, RefundPromptDto, ReleaseHoldDto } from '../commands/holds.dto.js';
import { CancelPlanChangeDto, ChangePlanDto, PaySubscriptionDto } from '../commands/plans.dto.js';
import { ChangePromptDto, CreatePromptDto, DeletePromptDto } from '../commands/prompts.dto.js';
import { CloseWalletDto, FreezeWalletDto, OpenWalletDto, SetThresholdsDto } from '../commands/wallets.dto.js';
import { CalculateCostDto } from '../pricing/calculate-cost.dto.js';
import { TransactionsQueryDto, TrialBalanceQueryDto, UserQueryDto } from '../read/queries.dto.js';
import { compileValidator } from './compile.js';

type Raw = Record<string, unknown>;

const CHARGE: Raw = {
  userId: 'u-1',
  runId: 'run-1',
  promptId: 'p-1',
  model: 'gpt-4',
  inputTokens: 10,
  outputTokens: 5,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  creatorId: 'c-1',
  creatorFee: '1000',
  byok: false,
  purpose: 'run',
  ranAt: '2026-11-20T16:00:00Z',
  holdId: 'h-1',
  quoteId: 'q',
  usage: {},
};
const HOLD: Raw = {
  userId: 'u-1',
  holdId: 'h-1',
  runId: 'run-1',
  model: 'gpt-4',
  purpose: 'test',
  quoteId: 'q',
  ttlSeconds: 900,
};
const DTOS: readonly [new () => object, Raw][] = [
  [ChargePromptDto, CHARGE],
  [ChargeItemDto, { ...CHARGE, idempotencyKey: 'k' }],
  [CalculateCostDto, { model: 'gpt-4', inputTokens: 1, outputTokens: 1, creatorId: 'c', creatorFee: 1 }],
  [AddCreditsDto, { userId: 'u-1', amount: '5', kind: 'purchased', reference: 'p', reason: 'welcome' }],
  [UnlockFlowDto, { userId: 'u-1', flowId: 'f', creatorId: 'c', price: 7 }],
  [RefundFlowDto, { userId: 'u-1', flowId: 'f', refundId: 'r', reason: 'quality' }],
  [OpenWalletDto, { userId: 'u-1', plan: 'PRO' }],
  [FreezeWalletDto, { reason: 'dispute', reference: 'case-1' }],
  [CloseWalletDto, { remainder: 'pay_back' }],
  [SetThresholdsDto, { thresholds: ['10', 5] }],
  [RevokeCreditsDto, { userId: 'u-1', reason: 'chargeback', reference: 'p', amount: '5' }],
  [ReinstateCreditsDto, { userId: 'u-1', reference: 'p' }],
  [AuthoriseRunDto, { ...HOLD, amount: '7' }],
  [AuthoriseRunDto, { ...HOLD, usage: { prompt_tokens: 1 }, outputTokens: 2 }],
  [ReleaseHoldDto, { userId: 'u-1' }],
  [RefundPromptDto, { userId: 'u-1', runId: 'r', refundId: 'f', amount: 5, reason: 'error' }],
  [CreatePromptDto, { userId: 'u-1', promptId: 'p', visibility: 'private', sizeBytes: 0 }],
  [ChangePromptDto, { userId: 'u-1', visibility: 'public', sizeBytes: 10 }],
  [DeletePromptDto, { userId: 'u-1' }],
  [ChangePlanDto, { userId: 'u-1', plan: 'FREE' }],
  [CancelPlanChangeDto, { userId: 'u-1' }],
  [
    PaySubscriptionDto,
    { userId: 'u-1', plan: 'PRO', reference: 'p', amount: 5, from: '2026-11-20T16:00:00Z' },
  ],
  [UserQueryDto, { userId: 'u-1', minPosition: 'abcdef01-3' }],
  [TransactionsQueryDto, { userId: 'u-1', type: 'expiry', limit: '50', from: '2026-11-20T16:00:00Z' }],
  [TrialBalanceQueryDto, { asOf: 'abcdef01-3' }],
];

/** Values a caller might really send where something else is meant, beside the purely random ones. */
const STRANGE = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, undefined, '', ' ', '0', '-1', '+5', '01', '1.5', '0x10', '1e3', ' 12 ', '٣', '9'.repeat(18)],
    ...[
      '9'.repeat(19),
      0,
      -0,
      1,
      1.5,
      -1,
      NaN,
      Infinity,
      2 ** 53,
      2 ** 53 - 1,
      1e9,
      1e9 + 1,
      true,
      false,
      10n,
    ],
    ...[
      'run',
      'test',
      'purchased',
      'promo',
      'adjustment',
      'welcome',
      'PRO',
      'pro',
      'charge',
      'a'.repeat(129),
    ],
    ...['u-1', '$u', 'u\u0000', 'u\r\n', '\ud800', 'é', 'é', '\u200bu', '\u202eu', 'x'.repeat(10_000)],
    ...['2026-02-30T00:00:00Z', '2026-11-20T16:00:00+01:00', '2026-11-20T16:00:00.123456Z', '2026-11-20'],
    ...[[], [1], {}, { a: 1 }, '1', '1000', '1001', '50', 'three-part-v1'],
  ),
  fc.anything({ maxDepth: 1 }),
);

/** A valid body with some fields changed, left out or added. */
const mutated = (valid: Raw): fc.Arbitrary<Raw> =>
  fc
    .record({
      keep: fc.subarray(Object.keys(valid)),
      changes: fc.array(fc.tuple(fc.constantFrom(...Object.keys(valid)), STRANGE), { maxLength: 4 }),
      extra: fc.option(fc.tuple(fc.constantFrom('role', 'balance', 'actorId', 'UserId', ''), STRANGE)),
    })
    .map(({ keep, changes, extra }) => {
      const base = changes.length > 0 ? valid : Object.fromEntries(keep.map((name) => [name, valid[name]]));
      return { ...base, ...Object.fromEntries(changes), ...(extra ? { [extra[0]]: extra[1] } : {}) };
    });

describe('the compiled validator judges as class-validator does', () => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  console.log(`compile.spec seed ${seed} (SEED=${seed} repeats it)`);

  test.each(DTOS)('%p', (dto, valid) => {
    const compiled = compileValidator(dto);
    let refused = 0;
    const property = fc.property(mutated(valid), (body) => {
      const fields = validateSync(Object.assign(new dto(), body), {
        whitelist: true,
        forbidNonWhitelisted: true,
        forbidUnknownValues: true,
      });
      const result = compiled(body);
      const errors = result.ok ? [] : result.error;
      expect(errors.map(({ field }) => field).sort()).toEqual(fields.map((each) => each.property).sort());
      for (const { field, message } of errors) {
        const theirs = fields.find((each) => each.property === field)?.constraints ?? {};
        if (!('whitelistValidation' in theirs)) expect(Object.values(theirs)).toContain(message);
      }
      if (errors.length > 0) refused++;
    });
    fc.assert(property, { seed, numRuns: 1_500 });
    expect(refused).toBeGreaterThan(100);
  });
});

test.each([
  ['null', null],
  ['an array', [{}]],
  ['text', 'x'],
  ['a number', 7],
])('%s is no object', (_name, body) => {
  expect(compileValidator(OpenWalletDto)(body)).toEqual({
    ok: false,
    error: [{ field: 'body', message: 'must be a JSON object' }],
  });
});

test('names of Object.prototype are unknown fields like any other', () => {
  const body = JSON.parse('{"userId":"u-1","__proto__":{"plan":"PRO"},"constructor":1,"toString":2}') as Raw;
  const result = compileValidator(OpenWalletDto)(body);
  expect(result.ok ? [] : result.error.map(({ field }) => field)).toEqual([
    '__proto__',
    'constructor',
    'toString',
  ]);
});

test('a hostile body gets a short list of errors', () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${i}${'x'.repeat(500)}`, 1]));
  const result = compileValidator(OpenWalletDto)(body);
  expect(result.ok ? [] : result.error).toHaveLength(20);
  expect(JSON.stringify(result).length).toBeLessThan(6_000);
});

test('a decorator it cannot compile is refused at start, by field', () => {
  class Nested {
    @ValidateNested()
    inner!: object;
  }
  class WithMessage {
    @IsString({ message: '$property is bad' })
    name!: string;
  }
  class Stock {
    @MinLength(2)
    name!: string;
  }
  expect(() => compileValidator(Nested)).toThrow('Nested.inner');
  expect(() => compileValidator(WithMessage)).toThrow('WithMessage.name');
  expect(compileValidator(Stock)({ name: 'a' }).ok).toBe(false);
  expect(compileValidator(Stock)({ name: 'ab' }).ok).toBe(true);
});
