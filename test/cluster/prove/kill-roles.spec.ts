import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import type { Summary } from '#apps/cli/import-usage/tally.js';
import { checkBooks, expectedOfTrace } from '#test/load/import-check.js';
import { type CommandRun, lastJson, runLedger } from '#test/load/ledger-command.js';
import { type Breakable, Cluster } from '#test/support/cluster/cluster.js';
import { LOG_SERVER } from '#test/support/cluster/parts.js';
import { PAYEE_CENTS, PAYEE_SHARE, payeeOf, sellFlowsLongAgo } from '#test/support/cluster/payees.js';
import { untilQuiet } from '#test/support/cluster/quiet.js';
import { describeOnKafka } from '#test/support/components/kafka.js';
import { post } from '#test/support/http.js';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { countOf, hearByHighWater, publicEventsOf } from '#test/support/messaging/high-water.js';
import { readEventTopics } from '#test/support/messaging/topic-reader.js';
import { FakeStripe } from '#test/support/payouts/fake-stripe.js';
import { IS_FULL_PROOF, showed, sized } from '#test/support/proof.js';

const SHARED = process.env['SHARED_DIR'] ?? join(PROJECT_ROOT, '..', 'shared');
const TRACE = join(SHARED, 'data', 'azure-llm-trace-conv-2023.csv');
/** Of the whole trace, as it was computed apart from this program. */
const TRACE_TOTALS = { rows: 19_366, total: '490063877' };
const ROWS = sized({ everyday: 4_500, full: TRACE_TOTALS.rows });

/** In turn. The log last but one and the api last: while they are down nothing can be charged. */
const FAULTS: readonly Breakable[] = [
  'projector',
  'settlement',
  'relay',
  'notification-worker',
  'kafka',
  'payout-worker',
  'sweeper',
  'log',
  'api',
];
/** Faults fall into this part of the import: what is under way when the importer is paused comes on top. */
const FAULTS_SPAN = 0.7;
const USERS = 100;
const PAYEES_PER_FAULT = 2;
const PAYEES = Array.from({ length: FAULTS.length * PAYEES_PER_FAULT }, (_, n) => payeeOf(n));
const QUIET_MS_MAX = 30_000;
const MINUTE_MS = 60_000;
const PATIENCE_MS = sized({ everyday: 6, full: 15 }) * MINUTE_MS;

/** The first rows of the shared trace; without it, rows of its form. */
async function traceText(): Promise<string> {
  if (!existsSync(TRACE)) {
    if (IS_FULL_PROOF) throw new Error(`The shared trace is not at ${TRACE}: set SHARED_DIR to its folder.`);
    process.stderr.write(
      `[test] The shared trace is not at ${TRACE} (SHARED_DIR): rows of its form instead\n`,
    );
    const rows = Array.from(
      { length: ROWS },
      (_, i) => `2023-11-16 18:15:46.6805900,${(i * 37) % 5_000},${(i * 11) % 900}`,
    );
    return ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\n');
  }
  const text = await readFile(TRACE, 'utf8');
  return text
    .trim()
    .split(/\r?\n/)
    .slice(0, ROWS + 1)
    .join('\n');
}

/** Counts the charges in the log as they come, over restarts of its server. */
class ChargeCount {
  count = 0;
  private readonly ending = new AbortController();
  private readonly following: Promise<void>;

  constructor(cluster: Cluster) {
    this.following = this.follow(cluster);
  }

  async reaches(count: number): Promise<void> {
    while (this.count < count) await sleep(5);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.following;
  }

  private async follow({ store }: Cluster): Promise<void> {
    const { signal } = this.ending;
    for await (const message of store.subscribe({ after: 0n, signal, types: ['PromptCharged.v1'] })) {
      if (message.kind === 'batch') this.count += message.events.length;
    }
  }
}

/** The command line that imports, and can be held still. */
class Import {
  isDone = false;
  readonly run: Promise<CommandRun>;
  private child: ChildProcess | undefined;

  constructor(file: string, url: string) {
    const args = ['import-usage', file, '--json', '--rejects', `${file}.rejects.csv`, '--url', url];
    this.run = runLedger(args, { env: {}, onStart: async (child) => void (this.child = child) }).finally(
      () => (this.isDone = true),
    );
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }
}

await describeOnKafka(`a cluster on ${LOG_SERVER} whose parts are killed in turn`, () => {
  let cluster: Cluster;
  let mails: MailServer;
  let stripe: FakeStripe;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promptflow-kill-roles-'));
    mails = await startMailServer();
    stripe = await FakeStripe.start();
    cluster = await Cluster.start({
      breakable: true,
      env: {
        SMTP_URL: mails.url,
        PAYOUT_PROVIDER: 'stripe',
        STRIPE_SECRET_KEY: 'sk_test_0123456789',
        STRIPE_API_URL: stripe.url,
      },
    });
  }, 5 * MINUTE_MS);
  afterAll(async () => {
    await cluster?.close();
    await mails.close();
    await stripe.stop();
    await rm(folder, { recursive: true, force: true });
  }, MINUTE_MS);

  /** Sends until it is answered for good: while parts are down, again with the same key. */
  async function patiently(path: string, body: object, key: string): Promise<void> {
    for (const deadline = performance.now() + MINUTE_MS; ;) {
      const reply = await post(cluster.url, path, body, key).catch(() => ({ status: 0, body: {} }));
      if (reply.status === 200) return;
      if ((reply.status >= 400 && reply.status < 500) || performance.now() > deadline) {
        throw new Error(`${path} was answered ${reply.status}: ${JSON.stringify(reply.body)}`);
      }
      await sleep(50);
    }
  }

  const payOut = (creator: string): Promise<void> =>
    patiently(`/api/creators/${creator}/payouts`, { payoutId: 'po-1' }, `pay-${creator}`);

  async function prepare(): Promise<void> {
    await sellFlowsLongAgo(cluster.store, PAYEES);
    for (const creator of PAYEES) {
      const destination = { provider: 'stripe', reference: `acct_${creator}` };
      await patiently(`/api/creators/${creator}/payout-destination`, destination, `verify-${creator}`);
    }
    await Promise.all(
      Array.from({ length: USERS }, async (_, u) => {
        const response = await fetch(`${cluster.url}/api/notifications/preferences`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ userId: `u-${u}`, email: `u-${u}@example.com`, emailVerified: true }),
        });
        expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
      }),
    );
    await untilQuiet(place(), MINUTE_MS);
  }

  const place = (more?: () => string | undefined) => ({
    url: cluster.url,
    databaseUrl: cluster.database.url,
    store: cluster.store,
    kafka: cluster.parts.kafka,
    ...(more === undefined ? {} : { more }),
  });

  const missing = (): string | undefined => {
    if (stripe.made.length < PAYEES.length) return `${stripe.made.length} transfers were made`;
    return mails.counts().size < USERS ? `${mails.counts().size} mails have come` : undefined;
  };

  /** Breaks every part in turn while the import goes on. */
  async function breakAll(importing: Import, charges: ChargeCount): Promise<void> {
    const step = Math.floor((ROWS * FAULTS_SPAN) / FAULTS.length);
    for (const [i, part] of FAULTS.entries()) {
      await charges.reaches((i + 1) * step);
      expect({ part, importIsDone: importing.isDone }).toEqual({ part, importIsDone: false });
      const payees = PAYEES.slice(i * PAYEES_PER_FAULT, (i + 1) * PAYEES_PER_FAULT);
      const paying = Promise.all(payees.map(payOut));
      await cluster.break(part);
      importing.pause();
      await cluster.mend(part);
      importing.resume();
      await paying;
    }
  }

  test(
    `${ROWS} rows are imported once, paid and told once, and nothing lags ${QUIET_MS_MAX / 1000} s after the last fault`,
    async () => {
      const text = await traceText();
      const expected = expectedOfTrace(text);
      if (IS_FULL_PROOF)
        expect(expected).toMatchObject({ rows: TRACE_TOTALS.rows, totals: { total: TRACE_TOTALS.total } });
      await prepare();
      const file = join(folder, 'trace.csv');
      await writeFile(file, text);

      const charges = new ChargeCount(cluster);
      const importing = new Import(file, cluster.url);
      await breakAll(importing, charges);
      const run = await importing.run;
      // The last part was mended while rows were still to come: what is behind now is behind since then.
      const quietMs = Math.round(await untilQuiet(place(missing), QUIET_MS_MAX));

      const summary = lastJson<Summary>(run);
      expect([run.code, summary.rows, summary.totals]).toEqual([0, expected.rows, expected.totals]);
      const books = await checkBooks({ url: cluster.url, openStore: () => cluster.parts.openStore() });
      const payeeShares = PAYEE_SHARE * BigInt(PAYEES.length);
      expect(books).toEqual({
        ...books,
        trialBalance: '0',
        inClearing: '0',
        walletsDiffering: [],
        chargesInStreams: expected.rows,
        chargedInStreams: expected.totals.total,
        creatorShareInStreams: String(BigInt(expected.totals.creatorShare) + payeeShares),
      });
      await charges.stop();
      expect(charges.count).toBe(expected.rows);

      // Outside: the provider's own count, the mail server's, and what any reader of the topics makes of them.
      const transfers = stripe.made.map(({ destination, amount }) => `${destination} ${amount}`);
      expect(transfers.sort()).toEqual(PAYEES.map((id) => `acct_${id} ${PAYEE_CENTS}`).sort());
      const mailed = mails.taken.map(({ to, mail }) => `${to.join()} ${mail.messageId ?? ''}`);
      const purchases = new Set(mailed);
      expect(new Set([...purchases].map((each) => each.split(' ')[0])).size).toBe(USERS);
      expect(purchases.size).toBe(USERS);
      const heard = hearByHighWater(await readEventTopics(cluster.parts.kafka));
      const told = await publicEventsOf(cluster.store);
      expect(countOf(heard.kept)).toBe(countOf(told));
      expect(new Map([...heard.kept].sort())).toEqual(new Map([...told].sort()));

      showed({
        guarantee: 'G11',
        proof: `import on a cluster (${LOG_SERVER}, Kafka) with kill -9 of each part in turn`,
        figures: {
          rows: expected.rows,
          total: expected.totals.total,
          faults: FAULTS.length,
          'ms from the end until nothing lags': quietMs,
          transfers: transfers.length,
          mails: mails.taken.length,
          'mails repeated under the same Message-ID': mails.taken.length - purchases.size,
          'public events': countOf(told),
          'of them sent again': heard.repeated.length,
        },
      });
    },
    PATIENCE_MS,
  );
});
