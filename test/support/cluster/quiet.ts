import { setTimeout as sleep } from 'node:timers/promises';
import { inClearing, type TrialBalance } from '#apps/cli/demo/settled.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { TestKafka } from '#test/support/components/kafka.js';
import { get } from '#test/support/http.js';
import { quietKafka } from '#test/support/messaging/topic-reader.js';
import pg from 'pg';

const POLL_MS = 100;

export interface QuietPlace {
  /** Of the HTTP interface. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly kafka: TestKafka;
  /** What else must have come to rest: undefined when it has, else what is missing. */
  readonly more?: () => string | undefined;
}

/**
 * Waits until nothing lags any more: views, settlement, relay, consumer groups. Milliseconds it took.
 * @throws Error naming what still lags after `patienceMs`
 */
export async function untilQuiet(place: QuietPlace, patienceMs: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const lagging = await whatLags(place).catch((error: unknown) => String(error));
    const tookMs = performance.now() - startedAt;
    if (lagging === undefined) return tookMs;
    if (tookMs > patienceMs) throw new Error(`After ${Math.round(tookMs)} ms: ${lagging}`);
    await sleep(POLL_MS);
  }
}

async function whatLags(place: QuietPlace): Promise<string | undefined> {
  const head = await place.store.head();
  const { body: ready } = await get(place.url, '/health/ready');
  const views = (ready['views'] ?? []) as readonly { readonly name: string; readonly behind: string }[];
  const behind = views.filter((view) => view.behind !== '0').map(({ name }) => name);
  if (views.length === 0 || behind.length > 0) return `views ${behind.join()} are behind`;
  const { body: books } = await get(place.url, '/api/ledger/trial-balance');
  const clearing = inClearing(books as unknown as TrialBalance);
  if (clearing !== 0n) return `${clearing} credits wait to be settled`;
  const relayed = await relayedTo(place);
  if (relayed < head) return `the relay is at ${relayed} of ${head}`;
  const lag = await groupLag(place.kafka);
  if (lag !== 0n) return `consumer groups are ${lag} messages behind`;
  const more = place.more?.();
  if (more !== undefined) return more;
  // All of it was asked one after another: only if nothing was written meanwhile does it hold together.
  return (await place.store.head()) === head ? undefined : 'the log still grows';
}

async function relayedTo({ databaseUrl, kafka }: QuietPlace): Promise<bigint> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ position: string }>(
      'select position::text from messaging.relays where topic_prefix = $1',
      [kafka.prefix],
    );
    return BigInt(rows[0]?.position ?? 0);
  } finally {
    await client.end();
  }
}

/** Messages that the ledger's consumer groups have not committed. */
async function groupLag(kafka: TestKafka): Promise<bigint> {
  const admin = quietKafka(kafka).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(kafka.prefix));
    let lag = 0n;
    for (const groupId of ours) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const ends = await admin.fetchTopicOffsets(topic);
        for (const { partition, offset } of partitions) {
          const end = BigInt(ends.find((each) => each.partition === partition)?.high ?? 0);
          // -1: never committed.
          const committed = BigInt(offset) < 0n ? 0n : BigInt(offset);
          lag += end - committed;
        }
      }
    }
    return lag;
  } finally {
    await admin.disconnect();
  }
}
