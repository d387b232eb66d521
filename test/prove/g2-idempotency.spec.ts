import { hashBody } from '#libs/application/body-hash.js';
import { createWritePath, type WritePath } from '#libs/application/write-path.js';
import { systemClock } from '#libs/kernel/clock.js';
import { RunId, UserId } from '#libs/kernel/ids.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { walletStream } from '#libs/ledger/events.js';
import type { ChargePromptCommand } from '#libs/ledger/wallet/commands.js';
import type { HttpCommand } from '#test/support/model/http-commands.js';
import { patience, showed, sized } from '#test/support/proof.js';
import type { Reply } from './http.js';
import { useTwoProcesses } from './two-processes.js';

const KEYS = sized({ everyday: 24, full: 200 });
const COPIES = sized({ everyday: 20, full: 50 });
const PATIENCE_MS = patience({ everyday: 120_000, full: 1_200_000 });
const WALLETS = 8;

const userOf = (n: number): string => `g2-${n % WALLETS}`;
const post = (path: string, body: HttpCommand['body']): HttpCommand => ({
  method: 'POST',
  path,
  body: body ?? {},
});

/** Commands of many kinds; each would have another effect if it happened twice. `other` has the same key, not the body. */
const KINDS: readonly ((
  userId: string,
  n: number,
) => { readonly command: HttpCommand; readonly other: HttpCommand })[] = [
  (userId, n) => {
    const charge = { userId, runId: `run-${n}`, model: 'deepseek', inputTokens: 5_000, outputTokens: 10 };
    return {
      command: post('/api/credits/charge-prompt', charge),
      other: post('/api/credits/charge-prompt', { ...charge, inputTokens: 5_001 }),
    };
  },
  (userId, n) => {
    const add = { userId, kind: 'purchased', amount: '10000', reference: `g2-pay-${n}` };
    return {
      command: post('/api/credits/add', add),
      other: post('/api/credits/add', { ...add, amount: '10001' }),
    };
  },
  (userId) => {
    const add = { userId, kind: 'promo', amount: '70', reason: 'bonus' };
    return {
      command: post('/api/credits/add', add),
      other: post('/api/credits/add', { ...add, reason: 'welcome' }),
    };
  },
  (userId, n) => {
    const hold = { userId, holdId: `hold-${n}`, runId: `held-${n}`, model: 'deepseek', purpose: 'run' };
    return {
      command: post('/api/credits/holds', { ...hold, amount: '90' }),
      other: post('/api/credits/holds', { ...hold, amount: '91' }),
    };
  },
  (userId, n) => {
    const unlock = { userId, flowId: `flow-${n}`, creatorId: 'c-1', price: '99' };
    return {
      command: post('/api/flows/unlock', unlock),
      other: post('/api/flows/unlock', { ...unlock, price: '98' }),
    };
  },
  (userId) => {
    const freely = { thresholds: ['100', '5'] };
    const path = `/api/wallets/${userId}/thresholds`;
    return { command: post(path, freely), other: post(path, { thresholds: [] }) };
  },
];

const jobOf = (n: number) => ({ key: `key-${n}`, ...KINDS[n % KINDS.length]!(userOf(n), n) });
const withoutReplayed = ({ replayed: _, ...body }: Reply['body']): object => body;

describe('G2: one effect per idempotency key, for ever', () => {
  const processes = useTwoProcesses();

  beforeAll(async () => {
    for (let n = 0; n < WALLETS; n++) {
      const opened = await processes
        .caller(n)
        .send(post('/api/wallets', { userId: userOf(n), plan: 'PRO' }), `open-${n}`);
      expect(opened.status).toBe(200);
    }
  }, 120_000);

  const firstReplies: Reply['body'][] = [];

  test(
    `${KEYS} keys, ${COPIES} copies of each at once, to two processes: one takes effect, all get its answer`,
    async () => {
      const before = await processes.store.head();
      let events = 0;
      for (let n = 0; n < KEYS; n++) {
        const { key, command } = jobOf(n);
        const copies = Array.from({ length: COPIES }, (_, i) => processes.caller(i).send(command, key));
        const replies = await Promise.all(copies);
        expect({ n, statuses: [...new Set(replies.map(({ status }) => status))] }).toEqual({
          n,
          statuses: [200],
        });
        const fresh = replies.filter(({ body }) => body['replayed'] === false);
        expect({ n, fresh: fresh.length }).toEqual({ n, fresh: 1 });
        for (const { body } of replies)
          expect(withoutReplayed(body)).toEqual(withoutReplayed(fresh[0]!.body));
        firstReplies.push(fresh[0]!.body);
        events += (fresh[0]!.body['eventIds'] as readonly string[]).length;
        // A purchase claims its payment in a stream of its own.
        if (command.body?.['kind'] === 'purchased') events += 1;
      }
      expect(await written(before)).toHaveLength(events);
      showed({ guarantee: 'G2', proof: 'copies at once', figures: { keys: KEYS, copies: COPIES, events } });
    },
    PATIENCE_MS,
  );

  test(
    'another body under the key is 422, and the key stays what it was',
    async () => {
      const head = await walletHead();
      const replies = await Promise.all(
        firstReplies.map((_, n) => processes.caller(n).send(jobOf(n).other, jobOf(n).key)),
      );
      for (const { status, body } of replies)
        expect([status, body['code']]).toEqual([422, 'request.id_reused']);
      expect(await walletHead()).toBe(head);
    },
    PATIENCE_MS,
  );

  test(
    'after both processes were killed and started again, each key gives its first answer',
    async () => {
      await processes.restart(0);
      await processes.restart(1);
      const head = await walletHead();
      const replies = await Promise.all(
        firstReplies.map((_, n) => processes.caller(n + 1).send(jobOf(n).command, jobOf(n).key)),
      );
      replies.forEach(({ status, body }, n) => {
        expect({ n, status, replayed: body['replayed'] }).toEqual({ n, status: 200, replayed: true });
        expect(withoutReplayed(body)).toEqual(withoutReplayed(firstReplies[n]!));
      });
      expect(await walletHead()).toBe(head);
      showed({ guarantee: 'G2', proof: 'replayed after a restart', figures: { keys: KEYS } });
    },
    PATIENCE_MS,
  );

  test('a key is scoped to the wallet: in another one it has an effect of its own', async () => {
    const { key, command } = jobOf(0);
    const elsewhere = { ...command, body: { ...command.body, userId: userOf(1) } };
    const reply = await processes.caller(0).send(elsewhere, key);
    expect(reply.body).toMatchObject({ replayed: false });
  });

  test('a key is scoped to the caller: another principal is no repeat, and stopped by the run id instead', async () => {
    const path: WritePath = createWritePath({
      store: processes.store,
      clock: systemClock,
      terms: () => STANDARD_TERMS,
    });
    const command: ChargePromptCommand = {
      type: 'ChargePrompt',
      userId: UserId.of(userOf(0)),
      runId: RunId.of('run-0'),
      model: 'deepseek',
      tokens: { inputTokens: 5_000, outputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0 },
      creatorFee: 0n,
      byok: false,
      purpose: 'run',
    };
    const envelope = { key: 'key-0', bodyHash: hashBody('ChargePrompt', { userId: userOf(0) }) };
    const send = (principal: string, runId: string) =>
      path.wallets.execute(
        walletStream(command.userId),
        { ...envelope, principal },
        { ...command, runId: RunId.of(runId) },
      );
    expect(await send('other', 'run-0')).toMatchObject({
      kind: 'refused',
      refusal: { code: 'run.already_charged' },
    });
    expect(await send('other', 'run-of-other')).toMatchObject({ kind: 'done', replayed: false });
    expect(await send('local', 'run-of-other')).toMatchObject({
      kind: 'refused',
      refusal: { code: 'request.id_reused' },
    });
    await path.close();
  });

  /** Events of wallets and payments; settlement and the catalogue write at their own time. */
  async function written(after?: bigint): Promise<readonly bigint[]> {
    const positions: bigint[] = [];
    for await (const batch of processes.store.readAll(after === undefined ? {} : { after })) {
      for (const { stream, position } of batch)
        if (/^(wallet|payment)-/.test(stream)) positions.push(position);
    }
    return positions;
  }
  const walletHead = async (): Promise<bigint> => (await written()).at(-1)!;
});
