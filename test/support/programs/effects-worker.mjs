// A worker of the test consumer, from the build: one JSON argument. Writes its effects as rows and, when a sink is
// named, calls it for each with a key that follows from the message. Ends cleanly on SIGTERM.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openPostgresEventStore } from '../../../dist/libs/event-store-postgres/postgres-event-store.js';
import { openSource } from '../../../dist/libs/messaging/open-source.js';
import { kafkaSource } from '../../../dist/libs/messaging/kafka/kafka-source.js';
import { runConsumer } from '../../../dist/libs/messaging/run-consumer.js';
import { createLogger } from '../../../dist/libs/platform/logging.js';

const DISPATCH_EVERY_MS = 20;
const DISPATCH_ROWS = 50;

const { name, databaseUrl, kafka, logId, killAfter, sink, slowMs, sessionTimeoutMs } = JSON.parse(
  process.argv[2],
);
process.stdin.on('end', () => process.exit(1)).resume();
const stop = new globalThis.AbortController();
process.once('SIGTERM', () => stop.abort());

const log = createLogger({ level: 'fatal', name: 'worker' });
const store = kafka
  ? { logId, head: async () => 2n ** 62n, close: async () => undefined }
  : await openPostgresEventStore({ url: databaseUrl });
const source = kafka ? kafkaSource({ config: kafka, log, sessionTimeoutMs }) : openSource({ store, log });

let accepted = 0;
/** Dies between the effect, which is committed, and what the source remembers. */
const dying = (run) => ({
  ...run,
  onState: (state) => {
    if (state === 'running') console.log('joined');
    run.onState(state);
  },
  accept: async (deliveries) => {
    await run.accept(deliveries);
    if (deliveries.length === 0) return;
    accepted += 1;
    if (killAfter !== undefined && accepted >= killAfter) process.kill(process.pid, 'SIGKILL');
  },
});
const dyingSource = Object.create(source, {
  run: { value: (run) => source.run(dying(run)) },
});

const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
pool.on('error', () => undefined);
const dispatching = sink ? dispatch() : undefined;
let status;
await runConsumer({
  consumer: {
    name,
    types: ['promptflow.prompt.charged.v1'],
    handle: async (event, tx) => {
      if (slowMs) await sleep(slowMs);
      await tx.query('insert into effects (stream, run) values ($1, $2)', [event.stream, event.data.runId]);
      if (sink)
        await tx.query('insert into calls (key) values ($1)', [`${event.stream}/${event.data.runId}`]);
      return 'done';
    },
  },
  source: dyingSource,
  databaseUrl,
  store,
  log,
  signal: stop.signal,
  onStarted: (ask) => {
    status = ask;
    console.log('started');
  },
});
await dispatching;
await pool.end();
await store.close();
// Nothing else keeps the process.
process.stdin.destroy();
const { handled, repeated, parked } = status();
console.log(JSON.stringify({ handled, repeated, parked }));

/** What lies outside Postgres is called from rows: maybe twice when this process dies, and with the same key. */
async function dispatch() {
  while (!stop.signal.aborted) {
    const client = await pool.connect();
    let called;
    try {
      await client.query('begin');
      const { rows } = await client.query(
        'select number, key from calls where not done order by number limit $1 for update skip locked',
        [DISPATCH_ROWS],
      );
      await Promise.all(rows.map(call));
      await client.query('update calls set done = true where number = any($1)', [
        rows.map(({ number }) => number),
      ]);
      await client.query('commit');
      called = rows.length;
    } finally {
      client.release();
    }
    if (called < DISPATCH_ROWS)
      await sleep(DISPATCH_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

function call({ number, key }) {
  return new Promise((resolve, reject) => {
    const sent = request(
      sink,
      { method: 'POST', headers: { 'idempotency-key': key, row: number } },
      (reply) => {
        reply.resume().once('end', resolve);
      },
    );
    sent.once('error', reject).end();
  });
}
