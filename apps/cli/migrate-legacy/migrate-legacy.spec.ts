import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertLegacy } from './convert.js';
import { readLegacyFile } from './legacy-file.js';
import { readLegacyRow } from './legacy-row.js';
import { fileText, totalsByPlan } from './totals.js';

const user = (more: object) => ({
  userId: 'u-1',
  credits: '',
  plan: 'PRO',
  purchased: '',
  monthly: '',
  ...more,
});

describe('the rule of conversion: the number times its unit, rounded up to the next whole credit', () => {
  test.each([
    ['12.5', 'plan-credits', 125_000n, false],
    ['0.0001', 'plan-credits', 1n, false],
    ['0.00001', 'plan-credits', 1n, true],
    ['1500', 'plan-credits', 15_000_000n, false],
    ['999999999999.99', 'plan-credits', 9_999_999_999_999_900n, false],
    ['0.30000000000000004', 'plan-credits', 3_001n, true],
    ['12.5', 'credits', 13n, true],
    ['12', 'credits', 12n, false],
    ['', 'credits', 0n, false],
    [' 7 ', 'credits', 7n, false],
  ] as const)('%j %s is %s credits', (text, unit, credits, rounded) => {
    expect(convertLegacy(text, unit)).toEqual({ ok: true, value: { credits, rounded } });
  });

  test.each(['-1', '+1', '1e3', '1,000', '1.', '.5', '0x10', '01', '٣', 'NaN', '1 000', '1000000000000'])(
    '%j is refused',
    (text) => {
      expect(convertLegacy(text, 'credits').ok).toBe(false);
    },
  );
});

describe('one user', () => {
  test('what is neither purchased nor monthly is of unknown origin', () => {
    expect(readLegacyRow(user({ credits: '10', purchased: '4', monthly: '5.5' }), 'plan-credits')).toEqual({
      ok: true,
      value: {
        userId: 'u-1',
        plan: 'PRO',
        purchased: 40_000n,
        monthly: 55_000n,
        other: 5_000n,
        roundedUp: 0,
      },
    });
  });

  test('without credits they are the sum; unlimited carries nothing over; the plan may be in any case', () => {
    expect(
      readLegacyRow(user({ plan: 'elite', purchased: '4', monthly: 'unlimited' }), 'credits'),
    ).toMatchObject({ ok: true, value: { plan: 'ELITE', purchased: 4n, monthly: 0n, other: 0n } });
  });

  test('every field that is wrong is named', () => {
    expect(readLegacyRow(user({ userId: '-', plan: 'GOLD', purchased: '-1' }), 'credits')).toEqual({
      ok: false,
      error: [
        expect.stringMatching(/^userId must be/),
        'plan must be one of FREE, PRO, ELITE, ENTERPRISE',
        expect.stringMatching(/^purchased must be a decimal number/),
      ],
    });
    expect(readLegacyRow(user({ credits: '5', purchased: '6' }), 'credits')).toEqual({
      ok: false,
      error: ['credits (5) is less than purchased and monthly together (6)'],
    });
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrate-legacy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    const path = join(folder, 'balances');
    await writeFile(path, text);
    return readLegacyFile(path, 'plan-credits');
  }

  const csv = [
    'userId,credits,plan,purchased,monthly',
    'u-1,10.5,FREE,,10.5',
    'u-2,2000,PRO,500,1500',
    'u-2,2000,PRO,500,1500',
    'u-2,2001,PRO,500,1500',
    'u 3,1,FREE,,',
    'u-4,1,FREE',
    'u-5,,ELITE,0.00001,unlimited',
  ].join('\n');

  test('as CSV: wallets, repeated rows and problems by line', async () => {
    const file = await read(csv);
    expect(file.wallets.map(({ userId }) => userId)).toEqual(['u-1', 'u-2', 'u-5']);
    expect(file.repeated).toBe(1);
    expect(file.problems.map(({ line, reason }) => [line, reason.slice(0, 30)])).toEqual([
      [5, 'line 3 has other balances for '],
      [6, 'userId must be 1 to 128 charac'],
      [7, 'has 3 cells, the first line na'],
    ]);
    expect(totalsByPlan(file.wallets)).toEqual([
      { plan: 'FREE', wallets: 1, purchased: 0n, monthly: 105_000n, other: 0n },
      { plan: 'PRO', wallets: 1, purchased: 5_000_000n, monthly: 15_000_000n, other: 0n },
      { plan: 'ELITE', wallets: 1, purchased: 1n, monthly: 0n, other: 0n },
    ]);
    expect(fileText(file)).toContain('in all        3  5,000,001  15,105,000      0  20,105,001  $20.105001');
    expect(fileText(file)).toContain('Rounded up to the next whole credit: 1 balance.');
    expect(fileText(file)).toContain('3 problems:');
  });

  test('as JSON lines, numbers read digit by digit', async () => {
    const file = await read(
      '{"userId":"u-1","credits":0.30000000000000004,"plan":"FREE"}\n\n{"userId":"u-2","purchased":"7","monthly":null}\nnot json\n[1]\n{"userId":"u-3","role":"admin"}\n{"userId":"u-4","plan":true}\n',
    );
    expect(file.wallets).toMatchObject([
      { userId: 'u-1', other: 3_001n },
      { userId: 'u-2', plan: 'FREE', purchased: 70_000n },
    ]);
    expect(file.problems.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'is not JSON'],
      [5, 'is not a JSON object'],
      [6, 'names "role", which is no field of a user'],
      [7, 'plan must be text or a number'],
    ]);
  });

  test.each([
    ['', 'holds no users'],
    ['\n\n', 'holds no users'],
    ['user,credits\n', 'the first line names "user"'],
    ['userId,userId\n', 'names userId twice'],
    ['credits\n1\n', 'names no userId'],
    ['userId\n', 'holds no users'],
  ])('%j: %s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
