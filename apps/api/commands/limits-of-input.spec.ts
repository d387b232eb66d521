import { describe, expect, test } from '@jest/globals';
import { err, type Result } from '#libs/kernel/result.js';
import type { FieldError } from '#libs/ledger/refusal.js';
import { LOCAL_PRINCIPAL } from '../deps.js';
import { isIdempotencyKey } from '../http/idempotency-key.js';
import { ProblemError } from '../problem/problem.js';
import { limitOf } from '../read/pages.js';
import { TransactionsQueryDto } from '../read/queries.dto.js';
import { compileValidator } from '../validation/compile.js';
import { readBulk } from './bulk-body.js';
import { ADD, REVOKE } from './credits.routes.js';
import { UNLOCK } from './flows.routes.js';
import { AUTHORISE, REFUND } from './holds.routes.js';
import { BULK_WALLET_ITEMS_MAX } from './limits.js';
import { CANCEL_CHANGE, PAY } from './plans.routes.js';
import { CHANGE, CREATE } from './prompts.routes.js';
import { CHARGE, readChargeItem } from './runs.routes.js';
import type { CommandReader, EdgeLimits } from './to-command.js';
import { OPEN, SET_THRESHOLDS } from './wallets.routes.js';

type Fields = Readonly<Record<string, unknown>>;

const NOW = Date.UTC(2026, 10, 20, 16);
const LIMITS: EdgeLimits = {
  creatorFeeMax: 100_000_000n,
  now: NOW,
  mayGrant: true,
  quoteOf: () => err('must be a quote'),
};
const MINUTE_MS = 60_000;
const iso = (t: number): string => new Date(t).toISOString();

/** A command, and valid fields of it. */
type Case = readonly [read: CommandReader<object>, valid: Fields, params?: Fields];

const RUN = { userId: 'u-1', runId: 'run-1', model: 'gpt-4' };
const charge: Case = [CHARGE.read, { ...RUN, inputTokens: 1, outputTokens: 1 }];
const hold: Case = [AUTHORISE.read, { ...RUN, holdId: 'hold-1', amount: '5' }];
const unlock: Case = [UNLOCK.read, { userId: 'u-1', flowId: 'f', creatorId: 'c', price: '5' }];
const create: Case = [CREATE.read, { userId: 'u-1', promptId: 'p', visibility: 'private', sizeBytes: 1 }];
const change: Case = [CHANGE.read, { userId: 'u-1', sizeBytes: 1 }, { id: 'p' }];
const promo: Case = [ADD.read, { userId: 'u-1', kind: 'promo', reason: 'welcome', amount: '5' }];
const purchase: Case = [ADD.read, { userId: 'u-1', kind: 'purchased', reference: 'p', amount: '5' }];
const correction: Case = [REVOKE.read, { userId: 'u-1', reason: 'correction', amount: '5' }];
const refund: Case = [
  REFUND.read,
  { userId: 'u-1', runId: 'r', refundId: 'f', reason: 'error', amount: '5' },
];
const payment: Case = [PAY.read, { userId: 'u-1', plan: 'PRO', reference: 'p', amount: '5' }];
const thresholds: Case = [SET_THRESHOLDS.read, { thresholds: ['5'] }, { userId: 'u-1' }];

const read = ([reader, valid, params = {}]: Case, more: Fields) =>
  reader({ body: { ...valid, ...more }, params, query: {} }, LIMITS);

const fieldsOf = (result: Result<unknown, readonly FieldError[]>): readonly string[] =>
  result.ok ? [] : result.error.map(({ field }) => field);

const commandOf = (command: Case, more: Fields): Fields => {
  const result = read(command, more);
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.error)}`);
  return result.value.command as unknown as Fields;
};

function expectRange(
  command: Case,
  field: string,
  accepted: readonly unknown[],
  refused: readonly unknown[],
) {
  for (const value of accepted)
    expect([value, fieldsOf(read(command, { [field]: value }))]).toEqual([value, []]);
  for (const value of refused)
    expect([value, fieldsOf(read(command, { [field]: value }))]).toEqual([value, [field]]);
}

describe('limits of input (domain rules, section 1)', () => {
  test.each(['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens'])(
    '%s: JSON integers from 0 to 10^9, never strings',
    (field) => {
      expectRange(charge, field, [0, 1, 10 ** 9], [-1, -0, 0.5, 10 ** 9 + 1, '0', '10', null, true]);
    },
  );

  test.each([
    ['created', create],
    ['changed', change],
  ])('sizeBytes of a prompt %s: JSON integers from 0 to 10^15, never strings', (_what, command) => {
    expectRange(command, 'sizeBytes', [0, 1, 10 ** 15], [-1, -0, 0.5, 10 ** 15 + 1, '0', null]);
  });

  test('ttlSeconds: 1 to 86,400 (24 h); 15 min by default', () => {
    expectRange(hold, 'ttlSeconds', [1, 900, 86_400], [0, -1, 0.5, 86_401, '900', null]);
    expect(commandOf(hold, { ttlSeconds: 86_400 })['ttlMs']).toBe(24 * 60 * MINUTE_MS);
    expect(commandOf(hold, {})['ttlMs']).toBe(15 * MINUTE_MS);
  });

  test('visibility: private|public', () => {
    expectRange(create, 'visibility', ['private', 'public'], ['unlisted', 'PRIVATE', '', null, 1]);
  });

  test('limit: 1 to 1,000, never clamped; 50 by default', () => {
    const validate = compileValidator(TransactionsQueryDto);
    const asked = (limit: string) => fieldsOf(validate({ userId: 'u-1', limit }));
    for (const limit of ['1', '50', '1000']) expect([limit, asked(limit)]).toEqual([limit, []]);
    for (const limit of ['0', '-1', '1001', '1e3', '05', '1.5', ''])
      expect([limit, asked(limit)]).toEqual([limit, ['limit']]);
    expect([limitOf(undefined), limitOf('1'), limitOf('1000')]).toEqual([50, 1, 1_000]);
  });

  test('unknown fields are 400, by name', () => {
    for (const [command, field] of [
      [charge, 'price'],
      [purchase, 'currency'],
      [create, 'text'],
    ] as const) {
      expect(fieldsOf(read(command, { [field]: 1 }))).toEqual([field]);
    }
  });

  test('ranAt: at most 5 minutes ahead, and it is no time of the decision', () => {
    const ahead = (ms: number) => ({ ranAt: iso(NOW + ms) });
    expect(commandOf(charge, ahead(5 * MINUTE_MS))['ranAt']).toBe(NOW + 5 * MINUTE_MS);
    expect(commandOf(charge, ahead(-400 * 24 * 60 * MINUTE_MS))['ranAt']).toBeLessThan(NOW);
    expect(fieldsOf(read(charge, ahead(5 * MINUTE_MS + 1)))).toEqual(['ranAt']);
  });
});

describe('amounts', () => {
  const AMOUNTS: readonly (readonly [string, Case, string])[] = [
    ['a purchase', purchase, 'amount'],
    ['a promotion', promo, 'amount'],
    ['a correction', correction, 'amount'],
    ['the estimate of a hold', hold, 'amount'],
    ['a refund', refund, 'amount'],
    ['the price of an unlock', unlock, 'price'],
    ['the payment of a subscription', payment, 'amount'],
  ];

  test.each(AMOUNTS)('commands that move money need 1 or more: %s', (_what, command, field) => {
    expectRange(command, field, [1, '1'], [0, '0', -0, -1]);
  });

  test('a threshold of 0 would never be crossed: 1 or more too', () => {
    expectRange(thresholds, 'thresholds', [[], [1, '2']], [[0], ['0']]);
  });

  test.each([
    ...AMOUNTS,
    ['a creator fee', [charge[0], { ...charge[1], creatorId: 'c' }] as Case, 'creatorFee'],
  ])('anything else than whole credits is refused by name of field: %s', (_what, command, field) => {
    expectRange(
      command,
      field,
      [],
      [
        1.5,
        '1.5',
        '0x10',
        ' 12 ',
        '',
        '+5',
        '-1',
        '٣',
        '１',
        '1'.repeat(19),
        2 ** 53,
        NaN,
        null,
        true,
        [1],
        {},
      ],
    );
  });

  test('CREATOR_FEE_MAX caps creator fees and unlock prices: 100,000,000, not one more', () => {
    const withCreator = (command: Case): Case => [command[0], { ...command[1], creatorId: 'c' }];
    const [most, more] = ['100000000', '100000001'];
    expectRange(withCreator(charge), 'creatorFee', [most, 100_000_000], [more, 100_000_001]);
    expectRange(unlock, 'price', [most], [more]);
    const estimated = { ...hold[1], creatorId: 'c', amount: undefined, inputTokens: 1, outputTokens: 1 };
    expectRange([hold[0], estimated], 'creatorFee', [most], [more]);
  });

  test('a fee without creatorId is refused; no fee needs none', () => {
    expectRange(charge, 'creatorFee', [0, '0'], [1, '1']);
  });
});

describe('defaults', () => {
  test('a wallet opens on FREE', () => {
    expect(commandOf([OPEN.read, { userId: 'u-1' }], {})['plan']).toBe('FREE');
  });

  test('a run is a run, without creator fee and on our own key', () => {
    expect(commandOf(charge, {})).toMatchObject({ purpose: 'run', creatorFee: 0n, byok: false });
  });
});

describe('an idempotency key is 1 to 255 printable ASCII characters', () => {
  test.each([
    ['1 character', 'k', true],
    ['255 characters', 'k'.repeat(255), true],
    ['space and tilde, the first and the last that print', ' ~', true],
    ['nothing', '', false],
    ['256 characters', 'k'.repeat(256), false],
    ['a tab', 'a\tb', false],
    ['a line break', 'k\n', false],
    ['DEL', 'k\u007f', false],
    ['beyond ASCII', 'clé', false],
    ['a number', 7, false],
  ])('%s: %p is %s', (_what, raw, valid) => expect(isIdempotencyKey(raw)).toBe(valid));
});

test('the principal is `local` until identity exists', () => {
  const item = readChargeItem(charge[1], LIMITS);
  expect([LOCAL_PRINCIPAL, item.ok && item.value.envelope.principal]).toEqual(['local', 'local']);
});

describe('the same key with another body: what the body hash takes', () => {
  const hashOf = (command: Case, more: Fields) => {
    const result = read(command, more);
    return result.ok ? result.value.bodyHash : result.error;
  };

  test('amounts parsed: "5" and 5 are one body', () => {
    expect(hashOf(purchase, { amount: 5 })).toBe(hashOf(purchase, { amount: '5' }));
    expect(hashOf(purchase, { amount: 6 })).not.toBe(hashOf(purchase, { amount: '5' }));
  });

  test('before defaults: what was not sent is not there', () => {
    expect(hashOf(charge, { purpose: 'run' })).not.toBe(hashOf(charge, {}));
    expect(hashOf(hold, { ttlSeconds: 900 })).not.toBe(hashOf(hold, {}));
  });

  test('command type and path parameters: the same fields elsewhere are another body', () => {
    const [reader, valid] = change;
    expect(hashOf([reader, valid, { id: 'p-2' }], {})).not.toBe(hashOf(change, {}));
    expect(hashOf([OPEN.read, { userId: 'u-1' }], {})).not.toBe(
      hashOf([CANCEL_CHANGE.read, { userId: 'u-1' }], {}),
    );
  });
});

describe('a bulk', () => {
  const bulk = (count: number) => readBulk({ items: Array.from({ length: count }, () => ({})) });

  test('up to 10,000 charges', () => {
    expect(bulk(1).items).toHaveLength(1);
    expect(bulk(10_000).items).toHaveLength(10_000);
    for (const count of [0, 10_001]) expect(() => bulk(count)).toThrow(ProblemError);
  });

  test('each its own outcome, unless atomicPerWallet: up to 200 a wallet', () => {
    expect(bulk(1).atomicPerWallet).toBe(false);
    expect(readBulk({ items: [{}], atomicPerWallet: true }).atomicPerWallet).toBe(true);
    expect(BULK_WALLET_ITEMS_MAX).toBe(200);
  });

  test('each item has its own key: run:<runId> by default', () => {
    const keyOf = (more: Fields) => {
      const item = readChargeItem({ ...charge[1], ...more }, LIMITS);
      return item.ok ? item.value.envelope.key : item.error;
    };
    expect(keyOf({})).toBe('run:run-1');
    expect(keyOf({ idempotencyKey: 'k-1' })).toBe('k-1');
    expect(keyOf({ runId: 'r'.repeat(128) })).toBe(`run:${'r'.repeat(128)}`);
  });
});
