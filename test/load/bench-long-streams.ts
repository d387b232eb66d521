import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openLongStreams } from '#apps/engine/long-streams.js';
import { createWritePath, type WritePath } from '#libs/application/write-path.js';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { APPEND_EVENTS_MAX, type EventStore, type NewEvent } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { CreatorId, PaymentId, RunId, UserId } from '#libs/kernel/ids.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import type { SettleSources } from '#libs/ledger/creator/commands.js';
import type { CreatorPaid } from '#libs/ledger/creator/events.js';
import { creatorStream, type LedgerEvent, walletStream } from '#libs/ledger/events.js';
import type { ChargePromptCommand } from '#libs/ledger/wallet/commands.js';
import type { PromptCharged, WalletEvent } from '#libs/ledger/wallet/events.js';
import { createLogger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { prepareReadModels } from '#libs/projection-runner/prepare.js';
import { runProjections } from '#libs/projection-runner/run-projections.js';
import { commandOutcomes } from '#projections/command-outcomes/project.js';
import { median, rounded } from './statistics.js';

const EVENTS = Number(process.env['LONG_STREAM_EVENTS'] ?? 1_000_000);
/** Behind the snapshot, nearly as many as there may be before the next one. */
const TAIL_EVENTS = 490;
const RESTARTS = 7;
const PROJECTED_MS = 30 * 60 * 1000;
const SAVE_POLL_MS = 50;

type Line = Record<string, unknown>;

const USER = UserId.of('long-wallet');
const CREATOR = CreatorId.of('long-creator');
const LOT = { lotId: 'lot-long', kind: 'purchased', origin: 'purchased' } as const;
const AT = Date.now() - 10_000_000;

/** The first command of a process on a wallet, and on a creator, of a million events. */
export async function benchLongStreams({ databaseUrl }: { readonly databaseUrl: string }): Promise<Line[]> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  const name = `long_streams_${Date.now()}`;
  await admin.query(`create database ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  try {
    return await measure(url.href);
  } finally {
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

async function measure(databaseUrl: string): Promise<Line[]> {
  await migrateAll(databaseUrl);
  const store = await openPostgresEventStore({ url: databaseUrl });
  const pool = createPool({ url: databaseUrl, applicationName: 'bench', max: 2 });
  const stopping = new AbortController();
  await prepareReadModels({ url: databaseUrl, store, projections: [commandOutcomes] });
  const projecting = runProjections({
    url: databaseUrl,
    store,
    projections: [commandOutcomes],
    log: QUIET,
    signal: stopping.signal,
  });
  try {
    const lines: Line[] = [];
    for (const kind of [WALLET, CREATORS]) {
      const wroteFrom = performance.now();
      await write(store, kind, 0, EVENTS);
      const wroteMs = performance.now() - wroteFrom;
      if (!(await waitForPosition(pool, commandOutcomes.name, await store.head(), PROJECTED_MS)))
        throw new Error('The projection of outcomes has not caught up.');
      lines.push({
        ...(await firstCommands(databaseUrl, store, pool, kind)),
        eventsPerSecond: rounded((EVENTS * 1000) / wroteMs),
      });
    }
    return lines;
  } finally {
    stopping.abort();
    await projecting.ended;
    await pool.end();
    await store.close();
  }
}

/** Without a snapshot, then with one as old as it may be. */
async function firstCommands(
  databaseUrl: string,
  store: EventStore,
  pool: pg.Pool,
  kind: Kind,
): Promise<Line> {
  const unfoldedMs = await firstCommandMs(databaseUrl, kind);
  while ((await snapshots(pool, kind.stream)) === 0) await sleep(SAVE_POLL_MS);
  const revision = (await lastRevision(store, kind.stream)) + 1;
  await write(store, kind, revision, TAIL_EVENTS);
  const restarts: number[] = [];
  for (let i = 0; i < RESTARTS; i++) restarts.push(await firstCommandMs(databaseUrl, kind));
  const { rows } = await pool.query<{ bytes: string }>(
    'select octet_length(data) as bytes from platform.snapshots where stream = $1',
    [kind.stream],
  );
  return {
    bench: 'long-streams',
    stream: kind.stream,
    events: EVENTS,
    firstCommandMs: rounded(median(restarts), 1),
    firstCommandMsAll: restarts.map((ms) => rounded(ms, 1)),
    tailEvents: TAIL_EVENTS,
    withoutSnapshotMs: rounded(unfoldedMs),
    snapshotBytes: Number(rows[0]!.bytes),
  };
}

/** A process starts, answers one command, and ends. Opening its connections is part of the command. */
async function firstCommandMs(databaseUrl: string, kind: Kind): Promise<number> {
  const store = await openPostgresEventStore({ url: databaseUrl });
  const longStreams = openLongStreams({
    databaseUrl,
    store,
    log: createLogger({ level: 'error', name: 'bench' }),
  });
  const path = createWritePath({
    store,
    clock: systemClock,
    terms: () => STANDARD_TERMS,
    longStreams: longStreams.ports,
  });
  const started = performance.now();
  await kind.command(path);
  const ms = performance.now() - started;
  await path.close();
  await longStreams.close();
  await store.close();
  return ms;
}

/** How a long stream of one kind is written, and what its first command is. */
interface Kind {
  readonly stream: string;
  eventAt(revision: number): LedgerEvent;
  command(path: WritePath): Promise<void>;
}

const CHARGED = {
  type: 'PromptCharged',
  userId: USER,
  model: 'deepseek',
  inputTokens: 500,
  outputTokens: 100,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  purpose: 'run',
  byok: false,
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  inference: 182n,
  byokFee: 0n,
  allowance: 0n,
  markup: 37n,
  creatorFee: 0n,
  creatorShare: 0n,
  platformShare: 0n,
  total: 219n,
  uncollected: 0n,
  draws: [{ ...LOT, amount: 219n }],
} as const satisfies Omit<PromptCharged, 'at' | 'runId'>;

const FIRST: readonly WalletEvent[] = [
  {
    type: 'WalletOpened',
    userId: USER,
    at: AT,
    plan: 'FREE',
    planTable: 'standard',
    planTableVersion: 1,
    coverage: 'free',
  },
  {
    type: 'CreditsAdded',
    userId: USER,
    at: AT,
    ...LOT,
    amount: 900_000_000_000_000n,
    paymentId: PaymentId.of('pay-long'),
  },
];

const WALLET: Kind = {
  stream: walletStream(USER),
  eventAt: (revision) =>
    FIRST[revision] ?? { ...CHARGED, at: AT + revision, runId: RunId.of(`run-${revision}`) },
  async command({ wallets }) {
    const id = randomUUID();
    const charge: ChargePromptCommand = {
      type: 'ChargePrompt',
      userId: USER,
      runId: RunId.of(id),
      model: 'deepseek',
      tokens: { inputTokens: 500, outputTokens: 100, cachedInputTokens: 0, cacheWriteTokens: 0 },
      creatorFee: 0n,
      byok: false,
      purpose: 'run',
    };
    const outcome = await wallets.execute(
      walletStream(USER),
      { principal: 'bench', key: id, bodyHash: id },
      charge,
    );
    if (outcome.kind !== 'done') throw new Error(`Refused: ${outcome.refusal.code}`);
  },
};

const shareAt = (position: number): Pick<CreatorPaid, 'amount' | 'earnedAt' | 'funding' | 'source'> => ({
  amount: 8n,
  earnedAt: AT,
  funding: {
    purchased: 8n,
    promo: 0n,
    monthly: 0n,
    adjustment: 0n,
    legacy: 0n,
    allowance: 0n,
    uncollected: 0n,
  },
  source: {
    kind: 'prompt',
    position: BigInt(position),
    eventId: randomUUID(),
    userId: USER,
    reference: `run-${position}`,
  },
});

/** Of the last source: a creator's sources are settled in log order. */
let position = 0;

const CREATORS: Kind = {
  stream: creatorStream(CREATOR),
  eventAt: () => ({ type: 'CreatorPaid', creatorId: CREATOR, at: AT, ...shareAt(++position) }),
  async command({ creators }) {
    const share = shareAt(++position);
    const settle: SettleSources = {
      type: 'SettleSources',
      creatorId: CREATOR,
      sources: [{ kind: 'earned', ...share }],
    };
    const key = `settle:${share.source.position}`;
    const outcome = await creators.execute(
      creatorStream(CREATOR),
      { principal: 'bench', key, bodyHash: key },
      settle,
    );
    if (outcome.kind !== 'done') throw new Error(`Refused: ${outcome.refusal.code}`);
  },
};

/** Straight to the store, in full appends; each event is a command of its own. */
async function write(store: EventStore, kind: Kind, from: number, count: number): Promise<void> {
  const balance = { available: 1n, held: 0n, monthly: 0n, promo: 0n, refund: 0n, purchased: 1n };
  for (let revision = from; revision < from + count;) {
    const size = Math.min(APPEND_EVENTS_MAX, from + count - revision);
    const events = Array.from({ length: size }, (_, i): NewEvent => {
      const key = `run-${revision + i}`;
      return {
        id: randomUUID(),
        ...encodeEvent(kind.eventAt(revision + i)),
        metadata: encodeMetadata({ principal: 'bench', key, bodyHash: key, balance }),
      };
    });
    await store.append(kind.stream, events, { expected: revision === 0 ? 'no_stream' : revision - 1 });
    revision += size;
  }
}

async function snapshots(pool: pg.Pool, stream: string): Promise<number> {
  const { rows } = await pool.query('select from platform.snapshots where stream = $1', [stream]);
  return rows.length;
}

async function lastRevision(store: EventStore, stream: string): Promise<number> {
  let last = -1;
  // The first command has written one event behind those written straight; a wallet's may roll its period as well.
  for await (const batch of store.readStream(stream, { from: EVENTS - 1 })) last = batch.at(-1)!.revision;
  return last;
}

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
