import { post } from '#test/support/http.js';
import type { BulkPlan } from './bulk-generator.js';
import { percentile } from './http-load.js';
import { rounded } from './statistics.js';
import { chargeOf } from './wallets.js';

/** What the generator's process is asked to do. */
export interface Order extends BulkPlan {
  readonly url: string;
  readonly users: readonly string[];
}

type Line = Record<string, unknown>;

const ITEMS_PER_REQUEST = 1_000;
const REQUESTS_IN_FLIGHT_MAX = 4;

process.on('message', (order: Order) => {
  offer(order).then(
    (line) => process.send!({ line }),
    (error: unknown) => process.send!({ failure: String(error) }),
  );
});

/** Offers charges at a steady rate in requests of a thousand; falls behind only when the server does. */
async function offer({ url, users, chargesPerSecond, seconds }: Order): Promise<Line> {
  const requests = Math.round((chargesPerSecond * seconds) / ITEMS_PER_REQUEST);
  const started = performance.now();
  const latenciesMs: number[] = [];
  let next = 0;
  let turn = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) {
      const due = started + (n * ITEMS_PER_REQUEST * 1000) / chargesPerSecond;
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
      const items = Array.from({ length: ITEMS_PER_REQUEST }, () => chargeOf(users[turn++ % users.length]!));
      const sentAt = performance.now();
      await charged(url, items);
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT_MAX }, lane));
  const elapsed = (performance.now() - started) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    seconds: rounded(elapsed, 1),
    chargesPerSecond: rounded((requests * ITEMS_PER_REQUEST) / elapsed),
    eventsPerSecond: rounded((requests * ITEMS_PER_REQUEST * 1.5) / elapsed),
    requestP50Ms: rounded(percentile(latenciesMs, 0.5), 1),
    requestP99Ms: rounded(percentile(latenciesMs, 0.99), 1),
  };
}

async function charged(url: string, items: readonly unknown[]): Promise<void> {
  const { status, body } = await post(url, '/api/credits/charge-prompts', { items });
  const bad = status === 200 && (body['items'] as { status: number }[]).find((item) => item.status !== 200);
  if (status !== 200 || bad)
    throw new Error(`The bulk was not charged: ${JSON.stringify(bad || body).slice(0, 500)}`);
}
