import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANY, NO_STREAM } from '@eventstore/db-client';
import { eventually } from '#libs/event-store/conformance/harness.js';
import { buildProgram } from '#test/support/build.js';
import { DoubleProcess } from '#test/support/eventstoredb-double/double-process.js';
import { startDouble, type EventStoreDouble } from '#test/support/eventstoredb-double/double.js';
import { BareClient } from './double-client.js';

const fresh = (): string => `restart-${randomUUID()}`;
const LOG_FILE = 'protocol-double.log';
const BUILD_PATIENCE_MS = 180_000;

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'promptflow-double-'))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function withDouble(
  double: Pick<EventStoreDouble, 'url' | 'stop'>,
  body: (client: BareClient) => Promise<void>,
): Promise<void> {
  const client = new BareClient(double.url);
  try {
    await body(client);
  } finally {
    await client.close();
    await double.stop();
  }
}

/** Tries until the client has noticed that the server is back. */
async function again<Result>(call: () => Promise<Result>): Promise<Result> {
  const results: Result[] = [];
  await eventually('an answer after the restart', () =>
    call().then(
      (result) => results.push(result) > 0,
      (error: { code?: number }) => {
        if (error.code === 14) return false;
        throw error as Error;
      },
    ),
  );
  return results[0]!;
}

describe.each(['in memory', 'in a file'] as const)('a restart of a log kept %s', (kept) => {
  const start = () => startDouble(kept === 'in a file' ? { dataDir } : {});

  it('keeps url, events and positions, and adds an event of the server itself', async () => {
    const double = await start();
    await withDouble(double, async (client) => {
      const stream = fresh();
      await client.create(stream, 3);
      await client.client.deleteStream(stream);
      await client.append(stream);
      const [url, before] = [double.url, await client.all()];
      await double.restart();
      expect(double.url).toBe(url);
      const after = await again(() => client.all());
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.slice(before.length).map(({ type }) => type)).toEqual(['$epoch-information']);
      expect((await client.read(stream)).map(({ revision }) => revision)).toEqual([3n]);
    });
  });

  it('forgets ids appended with any, and knows those of an exact revision for ever', async () => {
    const double = await start();
    await withDouble(double, async (client) => {
      const [any, exact] = [fresh(), fresh()];
      const first = await client.append(exact, { expected: NO_STREAM, count: 2 });
      const { ids } = await client.append(any, { expected: ANY, count: 2 });
      await client.append(any, { expected: ANY, ids });
      expect(await client.ids(any)).toEqual(ids);
      await double.restart();
      await again(() => client.append(any, { expected: ANY, ids }));
      expect(await client.ids(any)).toEqual([...ids, ...ids]);
      const { ids: firstIds, ...answer } = first;
      expect(await client.append(exact, { expected: NO_STREAM, ids: firstIds })).toEqual({
        ids: firstIds,
        ...answer,
      });
      expect(await client.ids(exact)).toEqual(firstIds);
    });
  });

  it('is over every fault with a restart', async () => {
    const double = await start();
    await withDouble(double, async (client) => {
      const stream = fresh();
      const late = double.faults.loseNextReply('late');
      await client.append(stream).catch(() => undefined);
      double.faults.hang();
      await double.restart();
      // What was held died with the server.
      await late.release();
      await again(() => client.create(stream));
      expect(await client.ids(stream)).toHaveLength(1);
    });
  });
});

it('drops an append that was torn by a kill, and goes on behind what is whole', async () => {
  const double = await startDouble({ dataDir });
  await withDouble(double, async (client) => {
    const stream = fresh();
    const ids = await client.create(stream, 2);
    await double.kill();
    appendFileSync(join(dataDir, LOG_FILE), '[{"stream":"restart-torn","revision":"0","pos');
    await double.start();
    await again(() => client.ids(stream));
    await client.append(stream, { expected: 1n });
    await double.restart();
    expect((await again(() => client.ids(stream))).slice(0, 2)).toEqual(ids);
    expect(await client.ids(stream)).toHaveLength(3);
    expect((await client.all()).some((event) => event.stream === 'restart-torn')).toBe(false);
  });
});

it('refuses a log that is broken before its end, by name of file and line', async () => {
  const double = await startDouble({ dataDir });
  await double.stop();
  const file = join(dataDir, LOG_FILE);
  writeFileSync(file, `${readFileSync(file, 'utf8')}not json\n[]\n`);
  await expect(startDouble({ dataDir })).rejects.toThrow(`${file}, line 3`);
});

it('refuses a port that is taken', async () => {
  const double = await startDouble();
  await expect(startDouble({ port: double.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await double.stop();
});

describe('in a process of its own', () => {
  beforeAll(() => buildProgram(), BUILD_PATIENCE_MS);

  it('has every acknowledged append, once, after kill -9 in the midst of appends', async () => {
    const double = await DoubleProcess.start({ dataDir });
    await withDouble(double, async (client) => {
      const streams = Array.from({ length: 8 }, fresh);
      const acknowledged = new Map(streams.map((stream) => [stream, [] as string[]]));
      let stop = false;
      const write = async (stream: string) => {
        for (let revision = -1n; !stop; revision++) {
          const id = randomUUID();
          await client.append(stream, { ids: [id], expected: revision < 0n ? NO_STREAM : revision });
          acknowledged.get(stream)!.push(id);
        }
      };
      const writers = streams.map((stream) => write(stream).catch(() => undefined));
      await eventually('some appends', () =>
        streams.every((stream) => acknowledged.get(stream)!.length > 20),
      );
      await double.kill();
      stop = true;
      await Promise.all(writers);
      await double.start();
      for (const stream of streams) {
        const found = await again(() => client.ids(stream));
        const known = acknowledged.get(stream)!;
        expect(found.slice(0, known.length)).toEqual(known);
        // The one in flight may have come as far as the file.
        expect(found.length - known.length).toBeLessThanOrEqual(1);
      }
    });
  });

  it('takes faults through its control endpoint, and refuses what is none', async () => {
    const double = await DoubleProcess.start({ statsEveryAppends: 1 });
    await withDouble(double, async (client) => {
      const stream = fresh();
      const loss = await double.faults.loseNextReply('late', { streams: /^restart-/ });
      await expect(client.append(stream)).rejects.toMatchObject({ code: 14 });
      await loss.release();
      await again(() => client.ids(stream));
      await double.faults.conflictNextAppend({ actual: 7n });
      await expect(client.append(stream)).rejects.toMatchObject({ actualVersion: 7n });
      expect(await double.faults.state()).toMatchObject({ url: double.url, openSubscriptions: 0 });
      await double.faults.hang();
      await expect(client.append(stream, { deadlineMs: 100 })).rejects.toMatchObject({ code: 4 });
      await double.faults.release();
      await double.faults.setReady(false);
      await expect(client.append(stream)).rejects.toMatchObject({ code: 14 });
      await double.faults.clear();
      expect((await client.all()).some(({ type }) => type === '$statsCollected')).toBe(true);
      const late = double.faults.delay(undefined as unknown as number);
      await expect(late).rejects.toThrow('"ms" is missing or unknown');
    });
  });
});
