import { randomInt } from 'node:crypto';
import { get, post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { useDatabase } from './processes.js';

const ROUNDS = 50;
const CONCURRENT_CHARGES = 64;
/** 60,000 tokens in and none out, of a model that FREE includes: 30,000 inference and 3,000 markup. */
const CHARGE = { model: 'gpt-3.5-turbo', inputTokens: 60_000, outputTokens: 0 };
const CHARGE_TOTAL = 33_000;
/** The monthly lot of a FREE wallet is there already. */
const FREE_GRANT = 100_000;

describe('two api processes on one Postgres', () => {
  const database = useDatabase();
  let both: readonly LedgerProcess[] = [];

  beforeAll(async () => {
    both = await Promise.all(['api,projector,settlement', 'api'].map((ROLES) => database.start({ ROLES })));
  }, 60_000);

  const urlOf = (i: number): string => both[i % both.length]!.url;

  test(`G4: credits for exactly k runs, ${CONCURRENT_CHARGES} concurrent charges, ${ROUNDS} rounds, exactly k succeed`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const userId = `g4-${round}`;
      const k = randomInt(4, CONCURRENT_CHARGES);
      await post(urlOf(round), '/api/wallets', { userId });
      await post(urlOf(round + 1), '/api/credits/add', {
        userId,
        kind: 'purchased',
        amount: String(k * CHARGE_TOTAL - FREE_GRANT + randomInt(CHARGE_TOTAL)),
        reference: `pay-${userId}`,
      });
      const replies = await Promise.all(
        Array.from({ length: CONCURRENT_CHARGES }, (_, i) =>
          post(urlOf(i), '/api/credits/charge-prompt', { userId, runId: `run-${i}`, ...CHARGE }),
        ),
      );
      const succeeded = replies.filter(({ status }) => status === 200);
      const refused = replies.filter(({ body }) => body['code'] === 'wallet.insufficient_credits');
      expect({ round, k, succeeded: succeeded.length, refused: refused.length }).toEqual({
        round,
        k,
        succeeded: k,
        refused: CONCURRENT_CHARGES - k,
      });
    }
  }, 240_000);

  test('a top-up through one is seen by a refusal of the other', async () => {
    const userId = 'top-up';
    await post(urlOf(0), '/api/wallets', { userId });
    const dear = { userId, ...CHARGE, inputTokens: 6_000_000 };
    const before = await post(urlOf(1), '/api/credits/charge-prompt', { ...dear, runId: 'a' });
    expect(before).toMatchObject({ status: 402, body: { needed: '3000500', available: '100000' } });
    await post(urlOf(0), '/api/credits/add', {
      userId,
      kind: 'purchased',
      amount: '1000',
      reference: 'pay-top-up',
    });
    const after = await post(urlOf(1), '/api/credits/charge-prompt', { ...dear, runId: 'b' });
    expect(after).toMatchObject({ status: 402, body: { needed: '3000500', available: '101000' } });
  });

  test('a run charged through one is refused by the other, and its key is replayed by it', async () => {
    const userId = 'shared-run';
    await post(urlOf(0), '/api/wallets', { userId, plan: 'PRO' });
    const charge = { userId, runId: 'one', ...CHARGE };
    const first = await post(urlOf(0), '/api/credits/charge-prompt', charge, 'key-1');
    expect(await post(urlOf(1), '/api/credits/charge-prompt', charge, 'key-1')).toEqual({
      status: 200,
      body: { ...first.body, replayed: true },
    });
    expect(await post(urlOf(1), '/api/credits/charge-prompt', charge, 'key-2')).toMatchObject({
      status: 409,
      body: { code: 'run.already_charged' },
    });
  });

  test('the trial balance is zero', async () => {
    expect(await get(urlOf(1), '/api/ledger/trial-balance')).toMatchObject({
      status: 200,
      body: { total: '0' },
    });
  });
});
