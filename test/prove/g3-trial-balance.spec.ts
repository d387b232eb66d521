import fc from 'fast-check';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { runRoles } from '#apps/engine/roles.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { AddCredits, PaySubscription } from '#libs/application/commands/commands.js';
import { addCreditsHandler, paySubscriptionHandler } from '#libs/application/commands/handlers.js';
import type { Outcome } from '#libs/application/outcome.js';
import { createWritePath } from '#libs/application/write-path.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore } from '#libs/event-store/port.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { PaymentId } from '#libs/kernel/ids.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { envelopeOf, ManualClock } from '#test/support/application/wallet-process.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { arbitraryStep, openIntent } from '#test/support/ledger/arbitrary-commands.js';
import { commandAt, type Step } from '#test/support/ledger/intents.js';
import { expectedJournal } from '#test/support/ledger/posting-table/expected.js';
import { MOVING_TERMS } from '#test/support/model/terms.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';

const COMMANDS = sized({ everyday: 1_600, full: 20_000 });
const COMMANDS_A_LIFE = 80;
const LIVES_AT_ONCE = 8;
const POSITIONS_READ = sized({ everyday: 10, full: 100 });
const PATIENCE_MS = patience({ everyday: 120_000, full: 1_800_000 });

/** Full lives, opened first thing. */
const life = fc
  .tuple(
    openIntent,
    fc.array(arbitraryStep, { minLength: COMMANDS_A_LIFE - 1, maxLength: COMMANDS_A_LIFE - 1 }),
  )
  .map(([intent, steps]): readonly Step[] => [{ intent, afterMs: 0 }, ...steps]);

describe('G3: postings sum to zero in every event and at every position', () => {
  let database: TestDatabase;
  let store: EventStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateAll(database.url);
    store = await openPostgresEventStore({ url: database.url });
    await prepareLedgerReadModels({ databaseUrl: database.url, store });
  }, 60_000);

  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });

  test(
    `${COMMANDS} random commands on Postgres, settled meanwhile, scanned from the first event to the last`,
    async () => {
      const ending = new AbortController();
      const running = runRoles(['projector', 'settlement'], {
        config: loadConfig({ DATABASE_URL: database.url }),
        databaseUrl: database.url,
        store,
        log: createLogger({ level: 'fatal', name: 'prove' }),
        signal: ending.signal,
      });
      try {
        const seed = printedSeed('postings', COMMANDS / COMMANDS_A_LIFE);
        const accepted = await liveAll(seed);
        await settled();
        const { events, balances } = await scan();
        await checkReads(balances);
        showed({
          guarantee: 'G3',
          proof: 'prefix-sum scan',
          seed,
          figures: { commands: COMMANDS, accepted, events },
        });
        // Most commands take effect: a generator that is refused proves nothing.
        expect(accepted).toBeGreaterThan(COMMANDS / 5);
      } finally {
        ending.abort();
        await running;
      }
    },
    PATIENCE_MS,
  );

  async function liveAll(seed: number): Promise<number> {
    const count = COMMANDS / COMMANDS_A_LIFE;
    const lives = fc.sample(life, { seed, numRuns: count });
    let accepted = 0;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < lives.length) {
        const index = next++;
        const ofLife = await liveOne(`g3-${index}`, lives[index]!);
        accepted += ofLife;
      }
    };
    await Promise.all(Array.from({ length: LIVES_AT_ONCE }, worker));
    return accepted;
  }

  /** Each life has a clock, and so a write path, of its own. */
  async function liveOne(userId: string, steps: readonly Step[]): Promise<number> {
    const clock = new ManualClock();
    const path = createWritePath({ store, clock, terms: () => MOVING_TERMS });
    const addCredits = addCreditsHandler(path);
    const paySubscription = paySubscriptionHandler(path);
    const send = (command: WalletCommand, key: string): Promise<Outcome> => {
      const envelope = envelopeOf(key, command);
      if (command.type === 'AddCredits') return addCredits.execute(new AddCredits(envelope, command));
      if (command.type === 'PaySubscription')
        return paySubscription.execute(new PaySubscription(envelope, command));
      return path.wallets.execute(walletStream(command.userId), envelope, command);
    };
    const history: WalletCommand[] = [];
    for (const [i, { intent, afterMs }] of steps.entries()) {
      clock.t += afterMs;
      const command = paidBy(userId, commandAt(intent, { userId, now: clock.t, history }));
      const outcome = await send(command, `k${i}`);
      if (outcome.kind === 'done') history.push(command);
    }
    await path.close();
    return history.length;
  }

  /** Every event as the table has it and zero by itself; the balances of all accounts at every position. */
  async function scan(): Promise<{ events: number; balances: Map<bigint, Map<string, bigint>> }> {
    const head = await store.head();
    const asked = new Set(
      Array.from({ length: POSITIONS_READ }, (_, i) => (head * BigInt(i + 1)) / BigInt(POSITIONS_READ)),
    );
    const accounts = new Map<string, bigint>();
    const balances = new Map<bigint, Map<string, bigint>>();
    const types = new Set<string>();
    let total = 0n;
    let events = 0;
    for await (const batch of store.readAll()) {
      for (const recorded of batch) {
        const event = decodeEvent(recorded);
        const journal: Record<string, bigint> = {};
        let sum = 0n;
        for (const { account, amount } of postingsOf(event)) {
          journal[account] = (journal[account] ?? 0n) + amount;
          accounts.set(account, (accounts.get(account) ?? 0n) + amount);
          sum += amount;
        }
        total += sum;
        if (sum !== 0n || total !== 0n)
          throw new Error(`${event.type} at ${recorded.position} sums to ${sum}`);
        expect({ event, journal }).toEqual({ event, journal: expectedJournal(event) });
        if (asked.has(recorded.position)) balances.set(recorded.position, new Map(accounts));
        types.add(event.type);
        events += 1;
      }
    }
    expect([...types]).toEqual(
      expect.arrayContaining([
        'CreditsReinstated',
        'CreatorEarningsReversed',
        'FlowUnlockRefunded',
        'CreditsRevoked',
      ]),
    );
    return { events, balances };
  }

  /** The projection answers the same at those positions. */
  async function checkReads(balances: ReadonlyMap<bigint, ReadonlyMap<string, bigint>>): Promise<void> {
    const pool = createPool({ url: database.url, applicationName: 'prove-read', max: 2 });
    try {
      const reads = postgresReadModels(pool, store);
      for (const [position, expected] of balances) {
        const { value } = await reads.trialBalance(position);
        const shown = new Map(value.accounts.map(({ account, balance }) => [account, balance]));
        const names = new Set([...shown.keys(), ...expected.keys()]);
        const different = [...names].filter((name) => (shown.get(name) ?? 0n) !== (expected.get(name) ?? 0n));
        expect({ position, total: value.total, different }).toEqual({ position, total: 0n, different: [] });
      }
    } finally {
      await pool.end();
    }
  }

  /** Until creators have what is theirs and the journal shows it all. */
  async function settled(): Promise<void> {
    const pool = createPool({ url: database.url, applicationName: 'prove-read', max: 2 });
    try {
      const reads = postgresReadModels(pool, store);
      for (let patience = 600; patience > 0; patience--) {
        const { value, position } = await reads.trialBalance();
        const open = value.accounts.some(
          ({ account, balance }) => account.startsWith('clearing:') && balance !== 0n,
        );
        if (!open && position >= (await store.head())) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error('The log was not followed to its head, and creators settled, within 60 s');
    } finally {
      await pool.end();
    }
  }
});

const paidBy = (userId: string, command: WalletCommand): WalletCommand =>
  'paymentId' in command && !command.paymentId.startsWith(userId)
    ? { ...command, paymentId: PaymentId.of(`${userId}.${command.paymentId}`) }
    : command;
