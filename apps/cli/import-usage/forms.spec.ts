import { AZURE_FORM, chargeOfRow, formOfHeader, LEDGER_FORM } from './forms.js';
import { DEFAULT_USAGE_OPTIONS } from './options.js';

const context = (index: number) => ({ index, runPrefix: '0123456789ab', options: DEFAULT_USAGE_OPTIONS });
const azure = (index: number, row = '2023-11-16 18:15:46.6805900,374,44') =>
  chargeOfRow(AZURE_FORM, row.split(','), context(index));
const own = (row: string) => chargeOfRow(LEDGER_FORM, row.split(','), context(0));

describe('a form is known by its header', () => {
  test.each([
    ['time,runId,userId,promptId,creatorId,creatorFee,model,inputTokens,outputTokens', LEDGER_FORM],
    ['TIMESTAMP,ContextTokens,GeneratedTokens', AZURE_FORM],
    [' TIMESTAMP , ContextTokens,GeneratedTokens ', AZURE_FORM],
    ['timestamp,contexttokens,generatedtokens', undefined],
    ['TIMESTAMP,GeneratedTokens,ContextTokens', undefined],
    ['TIMESTAMP,ContextTokens', undefined],
    ['', undefined],
  ])('%p', (header, form) => expect(formOfHeader(header.split(','))).toBe(form));
});

describe('row i of the Azure trace (defaults: 100 users, 10 creators, fee 1000, two models)', () => {
  test.each([
    [0, 'u-0', 'gpt-3.5-turbo', 'c-0'],
    [1, 'u-1', 'gpt-3.5-turbo', undefined],
    [2, 'u-2', 'gpt-3.5-turbo', 'c-1'],
    [18, 'u-18', 'gpt-3.5-turbo', 'c-9'],
    [20, 'u-20', 'gpt-3.5-turbo', 'c-0'],
    [99, 'u-99', 'gpt-3.5-turbo', undefined],
    [100, 'u-0', 'gpt-4', 'c-0'],
    [199, 'u-99', 'gpt-4', undefined],
    [200, 'u-0', 'gpt-3.5-turbo', 'c-0'],
    [19_365, 'u-65', 'gpt-4', undefined],
  ])('%p', (index, userId, model, creatorId) =>
    expect(azure(index)).toEqual({
      ok: true,
      value: {
        userId,
        runId: `0123456789ab-${index}`,
        model,
        inputTokens: 374,
        outputTokens: 44,
        ...(creatorId === undefined ? {} : { creatorId, creatorFee: '1000' }),
        ranAt: '2023-11-16T18:15:46.680Z',
      },
    }),
  );

  test('other options deal otherwise', () => {
    const options = {
      ...DEFAULT_USAGE_OPTIONS,
      users: 3,
      creators: 2,
      creatorFee: 7n,
      models: ['gpt-4', 'deepseek', 'mistral-large'],
    };
    const dealt = [0, 1, 2, 3, 6, 9, 10].map((index) => {
      const charge = AZURE_FORM.charge(['2023-11-16 18:15:46', '1', '1'], { ...context(index), options });
      return (
        charge.ok && [
          charge.value.userId,
          charge.value.model,
          charge.value.creatorId,
          charge.value.creatorFee,
        ]
      );
    });
    expect(dealt).toEqual([
      ['u-0', 'gpt-4', 'c-0', '7'],
      ['u-1', 'gpt-4', undefined, undefined],
      ['u-2', 'gpt-4', 'c-1', '7'],
      ['u-0', 'deepseek', undefined, undefined],
      ['u-0', 'mistral-large', 'c-1', '7'],
      ['u-0', 'gpt-4', undefined, undefined],
      ['u-1', 'gpt-4', 'c-1', '7'],
    ]);
  });

  test.each([
    ['2023-11-16 18:15:46.6805900', '2023-11-16T18:15:46.680Z'],
    ['2023-11-16 18:15:46.6', '2023-11-16T18:15:46.600Z'],
    ['2023-11-16 18:15:46', '2023-11-16T18:15:46.000Z'],
    ['2023-11-16T18:15:46.999999999Z', '2023-11-16T18:15:46.999Z'],
  ])('TIMESTAMP %p is UTC %p', (timestamp, ranAt) =>
    expect(azure(0, `${timestamp},1,1`)).toMatchObject({ value: { ranAt } }),
  );
});

describe('a row of the own form', () => {
  test('with everything', () =>
    expect(own('2026-11-03T08:15:30.250Z,run-1,u-1,p-1,c-1,1003,gpt-4,10,20')).toEqual({
      ok: true,
      value: {
        userId: 'u-1',
        runId: 'run-1',
        promptId: 'p-1',
        model: 'gpt-4',
        inputTokens: 10,
        outputTokens: 20,
        creatorId: 'c-1',
        creatorFee: '1003',
        ranAt: '2026-11-03T08:15:30.250Z',
      },
    }));

  test('without prompt and creator', () =>
    expect(own('2026-11-03T08:15:30Z,run-1,u-1,,,,gpt-4,0,0')).toEqual({
      ok: true,
      value: {
        userId: 'u-1',
        runId: 'run-1',
        model: 'gpt-4',
        inputTokens: 0,
        outputTokens: 0,
        ranAt: '2026-11-03T08:15:30.000Z',
      },
    }));

  // Whether a fee may stand without a creator, and how high it may be, is the ledger's to say.
  test('what the ledger must judge is sent', () =>
    expect(own('2026-11-03T08:15:30Z,run-1,u-1,,,5,no-such-model,1,1')).toMatchObject({ ok: true }));

  const good = ['2026-11-03T08:15:30Z', 'run-1', 'u-1', 'p-1', 'c-1', '5', 'gpt-4', '1', '1'];
  test.each([
    [0, '2026-11-03 08:15:30', 'time must be ISO 8601 in UTC'],
    [0, '2026-11-03T08:15:30', 'time must be ISO 8601 in UTC'],
    [0, '2026-11-03T08:15:30+01:00', 'time must be ISO 8601 in UTC'],
    [0, '2026-02-30T08:15:30Z', 'time must be ISO 8601 in UTC'],
    [0, '2026-11-03T24:00:00Z', 'time must be ISO 8601 in UTC'],
    [0, '', 'time must be ISO 8601 in UTC'],
    [1, '', 'runId must be'],
    [1, '-x', 'runId must be'],
    [2, 'ünï', 'userId must be'],
    [2, ' u-1', 'userId must be'],
    [2, 'x'.repeat(129), 'userId must be'],
    [3, 'a b', 'promptId must be'],
    [4, 'a/b', 'creatorId must be'],
    [5, '-1', 'creatorFee must be'],
    [5, '1.5', 'creatorFee must be'],
    [5, '007', 'creatorFee must be'],
    [6, '', 'model must be'],
    [6, '=cmd()', 'model must be'],
    [7, '', 'inputTokens must be'],
    [7, '1.0', 'inputTokens must be'],
    [7, '-1', 'inputTokens must be'],
    [7, '1e3', 'inputTokens must be'],
    [7, '1000000001', 'inputTokens must be'],
    [8, '٣', 'outputTokens must be'],
    [8, 'NaN', 'outputTokens must be'],
  ])('cell %p as %p is malformed', (cell, raw, reason) => {
    const row = good.with(cell, raw);
    expect(chargeOfRow(LEDGER_FORM, row, context(0))).toMatchObject({
      ok: false,
      error: expect.stringContaining(reason) as unknown,
    });
  });

  test.each([8, 10])('%p cells are malformed', (cells) =>
    expect(chargeOfRow(LEDGER_FORM, [...good, 'more'].slice(0, cells), context(0))).toEqual({
      ok: false,
      error: `9 cells are expected (${LEDGER_FORM.columns.join(',')}), the row has ${cells}`,
    }),
  );
});
