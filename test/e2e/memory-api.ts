import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '#apps/api/create-api.js';
import type { ApiDeps } from '#apps/api/deps.js';
import type { ReadModels } from '#apps/api/read/read-models.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath, STANDARD_TERMS } from '#libs/application/write-path.js';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { systemClock } from '#libs/kernel/clock.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import { evolveWallet, NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { transactions, type TransactionRow } from '#projections/transactions/project.js';
import { unlockedFlows, type UnlockedFlowRow } from '#projections/unlocked-flows/project.js';
import type { LoggedEvent } from '#libs/projection-runner/projection.js';

import { type HttpClient, httpClient } from './http-client.js';

/** The HTTP interface over the real write path and a log in memory; read models are folds of that log. */
export interface MemoryApi {
  readonly http: HttpClient;
  readonly app: NestFastifyApplication;
  readonly store: MemoryEventStore;
  /** What the api logged as unexpected; a test that expects none checks that it is empty. */
  readonly faults: object[];
  close(): Promise<void>;
}

export async function openMemoryApi(overrides: Partial<ApiDeps> = {}): Promise<MemoryApi> {
  const store = new MemoryEventStore();
  const path = createWritePath({ store, clock: systemClock });
  const faults: object[] = [];
  const app = await createApi({
    store,
    reads: memoryReadModels(store),
    commandHandlers: createCommandHandlers(path),
    terms: STANDARD_TERMS,
    clock: systemClock,
    creatorFeeMax: 100_000_000n,
    signingKey: randomBytes(32),
    logger: {
      error: (fields: object) => faults.push(fields),
      warn: (fields: object) => faults.push(fields),
    },
    ...overrides,
  });
  await app.listen(0, '127.0.0.1');
  return {
    http: httpClient(await app.getUrl()),
    app,
    store,
    faults,
    close: async () => {
      await app.close();
      await path.close();
      await store.close();
    },
  };
}

function memoryReadModels(store: MemoryEventStore): ReadModels {
  const log = async (): Promise<LoggedEvent[]> => {
    const events: LoggedEvent[] = [];
    for await (const batch of store.readAll()) {
      for (const recorded of batch) {
        const { id, stream, revision, position, recordedAt } = recorded;
        const metadata = decodeMetadata(recorded.metadata);
        events.push({ event: decodeEvent(recorded), metadata, id, stream, revision, position, recordedAt });
      }
    }
    return events;
  };
  const wallet = async (userId: string): Promise<Wallet> =>
    (await log())
      .filter(({ stream }) => stream === `wallet-${userId}`)
      .reduce<Wallet>((state, { event }) => evolveWallet(state, event as WalletEvent), NO_WALLET);
  const asOf = async <T>(value: T) => ({
    logId: store.logId,
    position: await store.head(),
    time: Date.now(),
    value,
  });
  return {
    wallet: async (userId) => {
      const state = await wallet(userId);
      if (state.status === 'none') return asOf(undefined);
      return asOf({ wallet: state, planTable: 'standard', planTableVersion: 1, openedAt: 0 });
    },
    transactions: async ({ userId, type, from = 0, to = Infinity, after, limit }) => {
      const rows = (await log())
        .flatMap((logged) => transactions.project(logged))
        .map(({ row }) => row as unknown as TransactionRow)
        .filter((row) => row.userId === userId && (type === undefined || row.type === type))
        .filter(({ occurredAtMs }) => occurredAtMs >= from && occurredAtMs < to)
        .filter(({ position }) => after === undefined || position < after)
        .map((row) => ({
          ...row,
          id: row.eventId,
          occurredAt: row.occurredAtMs,
          description: row.type,
          cost: undefined,
        }));
      return asOf(rows.reverse().slice(0, limit));
    },
    unlockedFlows: async (userId) => {
      const rows = (await log())
        .flatMap((logged) => unlockedFlows.project(logged))
        .map(({ row }) => row as unknown as UnlockedFlowRow)
        .filter((row) => row.userId === userId);
      return asOf(rows.map((row) => ({ ...row, unlockedAt: row.unlockedAtMs })));
    },
    earnings: async () => asOf(undefined),
    trialBalance: async (at) => {
      const balances = new Map<string, bigint>();
      for (const { event, position } of await log()) {
        if (at !== undefined && position > at) continue;
        for (const { account, amount } of postingsOf(event)) {
          balances.set(account, (balances.get(account) ?? 0n) + amount);
        }
      }
      const accounts = [...balances].map(([account, balance]) => ({ account, balance }));
      return asOf({ accounts, total: accounts.reduce((sum, { balance }) => sum + balance, 0n) });
    },
    checkpoints: async () => [
      { name: 'balances', logId: store.logId, position: await store.head(), recordedAt: 0 },
    ],
    waitFor: async () => true,
  };
}
