import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { openEventStoreDb } from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import type { EventStore, NewEvent } from '#libs/event-store/port.js';
import { median, ratioFigures, rounded, spread } from './statistics.js';

export interface BenchEventStoreDbOptions {
  /** Default: `EVENTSTORE_URL`, else a protocol double in a process of its own. */
  readonly url?: string;
  /** Appends in flight, each to another stream. Default 1 and 64. */
  readonly inFlight?: readonly number[];
  /** Events of an append. Default 1 and 10. */
  readonly eventsPerAppend?: readonly number[];
  /** Alternating rounds. Default 5. */
  readonly rounds?: number;
  /** Each side of each round, milliseconds. Default 1,500. */
  readonly roundMs?: number;
}

interface Figures {
  readonly appendsPerSecond: number;
  readonly spread: readonly [number, number];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One line of output. */
export interface BenchEventStoreDbResult {
  readonly bench: 'eventstoredb';
  readonly server: 'protocol double' | 'EVENTSTORE_URL';
  readonly inFlight: number;
  readonly eventsPerAppend: number;
  readonly rounds: number;
  readonly eventBytes: number;
  readonly adapter: Figures;
  /** The client alone, on the Append RPC: the ceiling of the adapter. */
  readonly clientRpc: Figures;
  /** The client alone, on BatchAppend. */
  readonly clientBatch: Figures;
  /** Median of adapter / clientRpc over the rounds. */
  readonly ratio: number;
  readonly ratioSpread: readonly [number, number];
}

interface Round {
  readonly appendsPerSecond: number;
  readonly latenciesMs: readonly number[];
}

type Append = (stream: string, count: number) => Promise<unknown>;

const DATA = {
  runId: 'run-0123456789abcdef0123456789',
  model: 'gpt-4',
  total: '123456',
  draws: Array.from({ length: 2 }, (_, i) => ({ lot: `lot-${i}`, kind: 'monthly', amount: `1000${i}` })),
  filler: 'y'.repeat(150),
};
const METADATA = { key: 'k'.repeat(40), bodyHash: 'a'.repeat(64), principal: 'local' };
const DATA_TEXT = JSON.stringify(DATA);
const METADATA_TEXT = JSON.stringify(METADATA);
const TYPE = 'PromptCharged.v1';
/** Chooses the Append RPC; a server without TLS ignores them. */
const CREDENTIALS = { username: 'admin', password: 'changeit' };
const READY = /^protocol double ready: (esdb:\S+?),?( |$)/;

/** Adapter, and the client alone on either path, in alternating rounds, so that a noisy machine hits all of them. */
export async function benchEventStoreDb(
  options: BenchEventStoreDbOptions = {},
): Promise<BenchEventStoreDbResult[]> {
  const given = options.url ?? process.env['EVENTSTORE_URL'];
  const double = given === undefined ? await startDoubleProcess() : undefined;
  const url = given ?? double!.url;
  const store = await openEventStoreDb({ url });
  const client = EventStoreDBClient.connectionString(url);
  try {
    const results: BenchEventStoreDbResult[] = [];
    for (const inFlight of options.inFlight ?? [1, 64]) {
      for (const eventsPerAppend of options.eventsPerAppend ?? [1, 10]) {
        const sides = [adapterAppend(store), rpcAppend(client), batchAppend(client)] as const;
        results.push({
          bench: 'eventstoredb',
          server: double ? 'protocol double' : 'EVENTSTORE_URL',
          inFlight,
          eventsPerAppend,
          eventBytes: Buffer.byteLength(DATA_TEXT) + Buffer.byteLength(METADATA_TEXT),
          ...(await compare(sides, { ...options, inFlight, eventsPerAppend })),
        });
      }
    }
    return results;
  } finally {
    await store.close();
    await client.dispose();
    double?.process.kill();
  }
}

async function compare(
  [adapter, rpc, batch]: readonly [Append, Append, Append],
  {
    inFlight,
    eventsPerAppend,
    rounds = 5,
    roundMs = 1_500,
  }: { inFlight: number; eventsPerAppend: number; rounds?: number; roundMs?: number },
) {
  const run = (append: Append, ms = roundMs) => runRound(append, { inFlight, eventsPerAppend, ms });
  for (const side of [adapter, rpc, batch]) await run(side, roundMs / 2);
  const all: { readonly adapter: Round; readonly rpc: Round; readonly batch: Round }[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push({ adapter: await run(adapter), rpc: await run(rpc), batch: await run(batch) });
  }
  return {
    rounds,
    adapter: figuresOf(all.map((round) => round.adapter)),
    clientRpc: figuresOf(all.map((round) => round.rpc)),
    clientBatch: figuresOf(all.map((round) => round.batch)),
    ...ratioFigures(all.map((round) => round.adapter.appendsPerSecond / round.rpc.appendsPerSecond)),
  };
}

async function runRound(
  append: Append,
  { inFlight, eventsPerAppend, ms }: { inFlight: number; eventsPerAppend: number; ms: number },
): Promise<Round> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  const one = async (): Promise<void> => {
    while (performance.now() < start + ms) {
      const before = performance.now();
      await append(`bench-${randomUUID()}`, eventsPerAppend);
      latenciesMs.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return { appendsPerSecond: (latenciesMs.length / (performance.now() - start)) * 1_000, latenciesMs };
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

function adapterAppend(store: EventStore): Append {
  const event = (): NewEvent => ({
    id: randomUUID(),
    type: TYPE,
    data: DATA_TEXT,
    metadata: METADATA_TEXT,
  });
  return (stream, count) => store.append(stream, times(count, event), { expected: 'no_stream' });
}

const clientEvent = () => jsonEvent({ id: randomUUID(), type: TYPE, data: DATA, metadata: METADATA });

function rpcAppend(client: EventStoreDBClient): Append {
  const options = { expectedRevision: NO_STREAM, credentials: CREDENTIALS } as const;
  return (stream, count) => client.appendToStream(stream, times(count, clientEvent), options);
}

function batchAppend(client: EventStoreDBClient): Append {
  const options = { expectedRevision: NO_STREAM } as const;
  return (stream, count) => client.appendToStream(stream, times(count, clientEvent), options);
}

function figuresOf(rounds: readonly Round[]): Figures {
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const rates = rounds.map(({ appendsPerSecond }) => appendsPerSecond);
  const at = (share: number) => rounded(latencies[Math.floor(latencies.length * share)] ?? 0, 2);
  return {
    appendsPerSecond: rounded(median(rates)),
    spread: spread(rates, 0),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

/** In a process of its own, as a server is. */
async function startDoubleProcess(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const main = join(import.meta.dirname, '..', 'support', 'eventstoredb-double', 'main.js');
  const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = READY.exec(line)?.[1];
    if (url !== undefined) return { url, process: child };
  }
  throw new Error('The protocol double ended before it was ready.');
}
