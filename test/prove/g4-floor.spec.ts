import { randomInt } from 'node:crypto';
import type { HttpCommand } from '#test/support/model/http-commands.js';
import { patience, showed, sized } from '#test/support/proof.js';
import type { Reply } from './http.js';
import { useTwoProcesses } from './two-processes.js';

const ROUNDS = sized({ everyday: 4, full: 200 });
const PATIENCE_MS = patience({ everyday: 120_000, full: 1_800_000 });
const AT_ONCE = 64;
/** deepseek, 100,000 tokens in and none out: 28,000 inference and 2,800 markup. */
const RUN = { model: 'deepseek', inputTokens: 100_000, outputTokens: 0, purpose: 'run' };
const RUN_TOTAL = 30_800;
/** The monthly lot of a FREE wallet is there already. */
const FREE_GRANT = 100_000;

const post = (path: string, body: HttpCommand['body']): HttpCommand => ({
  method: 'POST',
  path,
  body: body ?? {},
});

/** What 64 callers ask of a wallet at once; each costs as much as a run. */
const WAYS: Readonly<Record<string, (userId: string, n: string) => HttpCommand>> = {
  charges: (userId, n) => post('/api/credits/charge-prompt', { userId, runId: `run-${n}`, ...RUN }),
  holds: (userId, n) => {
    const { model, purpose } = RUN;
    return post('/api/credits/holds', {
      userId,
      holdId: `hold-${n}`,
      runId: `run-${n}`,
      model,
      purpose,
      amount: String(RUN_TOTAL),
    });
  },
  unlocks: (userId, n) =>
    post('/api/flows/unlock', { userId, flowId: `flow-${n}`, creatorId: 'c-1', price: String(RUN_TOTAL) }),
};

describe('G4: a wallet never goes below its floor', () => {
  const processes = useTwoProcesses();

  let keys = 0;
  const send = (turn: number, command: HttpCommand): Promise<Reply> =>
    processes.caller(turn).send(command, `key-${keys++}`);

  async function done(turn: number, command: HttpCommand): Promise<Reply['body']> {
    const { status, body } = await send(turn, command);
    expect({ command, status, body }).toMatchObject({ status: 200 });
    return body;
  }

  /** Leaves credits for exactly `k` runs; the rest is too little for one more. */
  async function fill(userId: string, round: number, has: number): Promise<{ k: number; rest: number }> {
    const k = randomInt(4, AT_ONCE);
    const rest = randomInt(RUN_TOTAL);
    await done(
      round,
      post('/api/credits/add', {
        userId,
        kind: 'purchased',
        amount: String(k * RUN_TOTAL + rest - has),
        reference: `pay-${round}`,
      }),
    );
    return { k, rest };
  }

  /** Exactly k succeed; each refusal says what was needed and what there was, which is never enough. */
  function check(round: number, { k, rest }: { k: number; rest: number }, replies: readonly Reply[]): void {
    const succeeded = replies.filter(({ status }) => status === 200);
    const refused = replies.filter(({ body }) => body['code'] === 'wallet.insufficient_credits');
    expect({ round, succeeded: succeeded.length, refused: refused.length }).toEqual({
      round,
      succeeded: k,
      refused: AT_ONCE - k,
    });
    for (const { body } of refused) {
      expect(body['needed']).toBe(String(RUN_TOTAL));
      // A refusal is true when it is given: it comes after the last credit that it misses was spent.
      expect(body['available']).toBe(String(rest));
    }
    const lefts = succeeded.map(({ body }) =>
      Number((body['balanceAfter'] as Record<string, string>)['available']),
    );
    const expected = Array.from({ length: k }, (_, i) => rest + i * RUN_TOTAL);
    expect(lefts.sort((a, b) => a - b)).toEqual(expected);
  }

  const askAll = (way: string, userId: string, round: number): Promise<readonly Reply[]> =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, i) => send(i, WAYS[way]!(userId, `${round}-${i}`))));

  test.each(Object.keys(WAYS))(
    `${ROUNDS} rounds of ${AT_ONCE} %s at once on brand-new wallets, by two processes`,
    async (way) => {
      for (let round = 0; round < ROUNDS; round++) {
        const userId = `new-${way}-${round}`;
        await done(round, post('/api/wallets', { userId }));
        const filled = await fill(userId, round + ROUNDS * (1 + Object.keys(WAYS).indexOf(way)), FREE_GRANT);
        check(round, filled, await askAll(way, userId, round));
      }
      showed({
        guarantee: 'G4',
        proof: `${way}, brand-new wallets`,
        figures: { rounds: ROUNDS, 'at once': AT_ONCE },
      });
    },
    PATIENCE_MS,
  );

  test(
    `${ROUNDS} rounds of ${AT_ONCE} charges at once on one wallet that both processes know`,
    async () => {
      const userId = 'known';
      await done(0, post('/api/wallets', { userId }));
      let has = FREE_GRANT;
      for (let round = 0; round < ROUNDS; round++) {
        const filled = await fill(userId, 10_000 + round, has);
        check(round, filled, await askAll('charges', userId, round));
        has = filled.rest;
      }
      showed({
        guarantee: 'G4',
        proof: 'charges, one wallet',
        figures: { rounds: ROUNDS, 'at once': AT_ONCE },
      });
    },
    PATIENCE_MS,
  );

  test(
    'what is held is spent by its own run alone: all holds settle in full while others ask for the same credits',
    async () => {
      const userId = 'held';
      await done(0, post('/api/wallets', { userId }));
      const filled = await fill(userId, 20_000, FREE_GRANT);
      const holds = await askAll('holds', userId, 0);
      check(0, filled, holds);
      const settles = holds.flatMap(({ status }, i) =>
        status === 200
          ? [
              post('/api/credits/charge-prompt', {
                userId,
                runId: `run-0-${i}`,
                ...RUN,
                holdId: `hold-0-${i}`,
              }),
            ]
          : [],
      );
      const [settled, others] = await Promise.all([
        Promise.all(settles.map((command, i) => send(i, command))),
        askAll('charges', userId, 1),
      ]);
      expect(settled.map(({ status, body }) => [status, body['uncollected']])).toEqual(
        settles.map(() => [200, '0']),
      );
      expect(others.every(({ body }) => body['code'] === 'wallet.insufficient_credits')).toBe(true);
    },
    PATIENCE_MS,
  );

  test('the trial balance is zero', async () => {
    const { body } = await processes.caller(0).get('/api/ledger/trial-balance');
    expect(body['total']).toBe('0');
  });
});
