import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { putPreferences } from '#libs/notifications/preferences.js';
import { createEndpoint } from '#libs/notifications/webhooks/endpoints.js';
import { createPool } from '#libs/platform/postgres.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { done, type OpenLedger, openLedger } from '#test/e2e/support.js';
import { buildProgram } from '#test/support/build.js';
import { describeOnKafka, type TestKafka, testKafka } from '#test/support/components/kafka.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { isSignedBy, startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';

const USERS = 20;
const GIFTS = 200;
const KILLS = 4;
const OPEN_PATIENCE_MS = 120_000;
/** A delivery that was in hand when its process was killed is taken over when its lease is over. */
const PATIENCE_MS = 100_000;
const TYPE = 'promptflow.credits.added.v1';

await describeOnKafka('the notification worker on Kafka', () => {
  let kafka: TestKafka;
  let ledger: OpenLedger;
  let pool: Pool;
  let mails: MailServer;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    await buildProgram();
    kafka = await testKafka();
    mails = await startMailServer();
    receiver = await startWebhookReceiver();
    ledger = await openLedger({
      roles: ['projector', 'relay'],
      env: { KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC_PREFIX: kafka.prefix },
    });
    pool = createPool({ url: ledger.databaseUrl, applicationName: 'test' });
  }, OPEN_PATIENCE_MS);
  afterAll(async () => {
    await killLedgerProcesses();
    await pool.end();
    await ledger.close();
    await mails.close();
    await receiver.close();
  }, OPEN_PATIENCE_MS);

  const startWorker = (): Promise<LedgerProcess> =>
    startLedgerProcess(
      {
        DATABASE_URL: ledger.databaseUrl,
        KAFKA_BROKERS: kafka.brokers.join(','),
        KAFKA_TOPIC_PREFIX: kafka.prefix,
        SMTP_URL: mails.url,
        WEBHOOK_ALLOWED_HOSTS: receiver.host,
        LOG_LEVEL: 'info',
      },
      { program: 'notification-worker' },
    );

  async function eventually(is: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await is())) {
      if (performance.now() > deadline) throw new Error(`Waited too long for ${what}.`);
      await sleep(50);
    }
  }

  async function count(query: string): Promise<number> {
    const { rows } = await pool.query<{ count: number }>(query);
    return rows[0]!.count;
  }

  test(`every gift is told once in the app, by mail and by webhook, through ${KILLS} kills of two workers`, async () => {
    const secrets = new Map<string, string>();
    for (let u = 0; u < USERS; u++) {
      const userId = `u-${u}`;
      const email = `${userId}@example.com`;
      await putPreferences(
        pool,
        { userId, email, emailVerified: true, locale: 'en', channels: {} },
        Date.now(),
      );
      const endpoint = { userId, url: receiver.url, types: [TYPE] };
      const made = await inTransaction(pool, (tx) => createEndpoint(tx, endpoint, Date.now()));
      secrets.set(userId, made!.made.secret);
      await done(ledger.http, '/api/wallets', { userId });
    }
    const workers = [await startWorker(), await startWorker()];
    const giving = (async () => {
      for (let i = 0; i < GIFTS; i++) {
        const gift = { userId: `u-${i % USERS}`, amount: String(i + 1), kind: 'promo', reason: 'bonus' };
        await done(ledger.http, '/api/credits/add', gift);
      }
    })();
    for (let i = 0; i < KILLS; i++) {
      await sleep(1_000);
      await workers[i % 2]!.kill();
      workers[i % 2] = await startWorker();
    }
    await giving;
    const told = `select count(*)::int as count from notifications.messages where kind = 'credits_added'`;
    await eventually(async () => (await count(told)) === GIFTS, 'all gifts in the app');
    const waits = `select count(*)::int as count from notifications.deliveries where state = 'waiting'`;
    await eventually(async () => (await count(waits)) === 0, 'everything to be sent');
    expect(await count(told)).toBe(GIFTS);
    // Counted where they arrived: one Message-ID a gift, one webhook-id a gift and a month's grant.
    expect(mails.counts().size).toBe(GIFTS);
    expect(receiver.counts().size).toBe(GIFTS + USERS);
    expect(
      receiver.taken.every((each) => isSignedBy(secrets.get(String(each.json.data['userId']))!, each)),
    ).toBe(true);
    const amounts = new Set(
      receiver.taken.map(({ json }) => JSON.stringify([json.data['userId'], json.data['lotId']])),
    );
    expect(amounts.size).toBe(GIFTS + USERS);
    await Promise.all(workers.map((worker) => worker.stop()));
  }, 240_000);
});
