import { randomUUID } from 'node:crypto';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { get, post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';
import { readiness, scrape, until, untilReady, valueOf, WATCHED } from './watching.js';

const PROGRAMS = ['api', 'projector', 'settlement', 'relay', 'payout-worker', 'notification-worker'] as const;
const STOP_MS_MAX = 10_000;
const TEST_MS = 120_000;

async function stopInTime(process: LedgerProcess): Promise<number | null> {
  const began = performance.now();
  const code = await process.stop();
  expect(performance.now() - began).toBeLessThan(STOP_MS_MAX);
  return code;
}

const notesOf = async (api: LedgerProcess): Promise<readonly string[]> =>
  (await get(api.url, '/health/ready')).body['notes'] as string[];

describe('each role as a process of its own, on one database', () => {
  const database = useDatabase();

  test(
    'together they are the ledger, each says that it is ready, and each ends cleanly',
    async () => {
      const processes = new Map<string, LedgerProcess>();
      for (const program of PROGRAMS) processes.set(program, await database.start(WATCHED, program));
      for (const [program, process] of processes) {
        const { body } = await untilReady(process);
        const roles = program === 'settlement' ? ['settlement', 'sweeper'] : [program];
        expect([program, Object.keys(body.roles), body.problems]).toEqual([program, roles, []]);
        expect((await get(process.metricsUrl, '/health/live')).body['status']).toBe('alive');
        // Only the api serves what users reach.
        expect([program, process.url !== '']).toEqual([program, program === 'api']);
      }

      const api = processes.get('api')!;
      await openWallets(api.url, 2);
      const creatorOf = (i: number) => ({ creatorId: `c${i % 2}`, creatorFee: '1000' });
      expect(await chargeBatch(api.url, { batch: 0, size: 50, users: 2, creatorOf })).toBe(50);
      await until(
        () => get(api.url, '/api/creators/c0/earnings'),
        ({ body }) => body['earned'] === '20000',
      );
      await until(
        () => scrape(processes.get('projector')!),
        (samples) => valueOf(samples, 'ledger_trial_balance_credits') === 0,
      );
      expect(await notesOf(api)).toEqual([expect.stringContaining('No authentication yet')]);

      for (const [program, process] of processes) {
        expect([program, await stopInTime(process)]).toEqual([program, 0]);
      }
    },
    TEST_MS,
  );

  test(
    'without settlement the api goes on, says so, and what waited is done when it is back',
    async () => {
      const api = await database.start(WATCHED, 'api');
      const projector = await database.start(WATCHED, 'projector');
      expect(await notesOf(api)).toEqual([
        expect.stringContaining('No authentication yet'),
        'No process runs the role settlement: start one, for what it does waits.',
        'No process runs the role sweeper: start one, for what it does waits.',
      ]);
      expect((await untilReady(api)).body.notes).toContain(
        'api: No process runs the role settlement: start one, for what it does waits.',
      );
      const creatorOf = () => ({ creatorId: 'late', creatorFee: '1000' });
      expect(await chargeBatch(api.url, { batch: 1, size: 10, users: 2, creatorOf })).toBe(10);

      const settlement = await database.start(WATCHED, 'settlement');
      await until(
        () => get(api.url, '/api/creators/late/earnings'),
        ({ body }) => body['earned'] === '8000',
      );
      await until(
        () => notesOf(api),
        (notes) => notes.length === 1,
      );
      for (const process of [settlement, projector, api]) expect(await stopInTime(process)).toBe(0);
    },
    TEST_MS,
  );

  test(
    'of two projectors and two settlements one leads; when it is killed the other takes over',
    async () => {
      const api = await database.start({}, 'api');
      const pairs = new Map<string, LedgerProcess[]>();
      for (const program of ['projector', 'settlement']) {
        const first = await database.start(WATCHED, program);
        await until(
          () => leads(first, program),
          (led) => led,
        );
        pairs.set(program, [first, await database.start(WATCHED, program)]);
      }
      for (const [program, [first, second]] of pairs) {
        const standing = await untilReady(second!);
        expect(standing.body.roles[program]!['state']).toBe('standby');
        await first!.kill();
        await until(
          () => leads(second!, program),
          (led) => led,
        );
      }
      const creatorOf = () => ({ creatorId: 'after', creatorFee: '1000' });
      expect(await chargeBatch(api.url, { batch: 2, size: 10, users: 2, creatorOf })).toBe(10);
      await until(
        () => get(api.url, '/api/creators/after/earnings'),
        ({ body }) => body['earned'] === '8000',
      );
      for (const [, [, second]] of pairs) expect(await stopInTime(second!)).toBe(0);
      expect(await stopInTime(api)).toBe(0);
    },
    TEST_MS,
  );

  const leads = async (process: LedgerProcess, role: string): Promise<boolean> =>
    (await readiness(process)).body.roles[role]?.['state'] === 'working' &&
    valueOf(await scrape(process), 'ledger_role_leading', { role }) === 1;
});

describe('an api that is stopped under load', () => {
  const database = useDatabase();

  test(
    'takes nothing new, answers what it took, and loses nothing; a second signal changes nothing',
    async () => {
      const api = await database.start({}, 'api');
      await openWallets(api.url, 4);
      const answered: string[] = [];
      let stopping = false;
      const charge = async (client: number): Promise<void> => {
        for (let n = 0; !stopping || n < 1_000; n++) {
          const runId = `run-${client}-${n}`;
          const run = { runId, model: 'deepseek', inputTokens: 10, outputTokens: 10 };
          const reply = await post(
            api.url,
            '/api/credits/charge-prompt',
            { userId: `u${client % 4}`, ...run },
            randomUUID(),
          ).catch(() => undefined);
          if (reply?.status === 200) answered.push(runId);
          // Refused while stopping, or nobody listens any more.
          else if (stopping) return;
          else throw new Error(`${runId} answered ${JSON.stringify(reply)}`);
        }
      };
      const clients = Array.from({ length: 16 }, (_, client) => charge(client));
      await until(
        async () => answered.length,
        (count) => count > 100,
      );
      stopping = true;
      api.signal('SIGTERM');
      api.signal('SIGTERM');
      api.signal('SIGINT');
      expect(await stopInTime(api)).toBe(0);
      await Promise.all(clients);

      const store = await openPostgresEventStore({ url: database.url });
      const written = new Set<string>();
      try {
        for await (const batch of store.readAll()) {
          for (const { type, data } of batch) {
            if (type.startsWith('PromptCharged.')) written.add((JSON.parse(data) as { runId: string }).runId);
          }
        }
      } finally {
        await store.close();
      }
      expect(answered.filter((runId) => !written.has(runId))).toEqual([]);
      expect(written.size).toBeGreaterThanOrEqual(answered.length);
    },
    TEST_MS,
  );
});
