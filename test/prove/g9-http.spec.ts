import fc from 'fast-check';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { PaymentId } from '#libs/kernel/ids.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { arbitraryLife } from '#test/support/ledger/arbitrary-commands.js';
import { commandAt, type Step } from '#test/support/ledger/intents.js';
import { NOW } from '#test/support/ledger/wallet-builders.js';
import type { ModelBalance } from '#test/support/model/answers.js';
import { newLots } from '#test/support/model/comparison.js';
import { httpCommandOf, shownBalance, shownRefusal } from '#test/support/model/http-commands.js';
import { ModelLedger } from '#test/support/model/ledger.js';
import { STANDARD_MODEL_TERMS } from '#test/support/model/terms.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';
import { type ClockedLedger, openClockedLedger } from './clocked-ledger.js';
import { Caller } from './http.js';

const RUNS = sized({ everyday: 12, full: 200 });
const COMMANDS_MAX = sized({ everyday: 60, full: 100 });
const PATIENCE_MS = patience({ everyday: 120_000, full: 3_600_000 });
/** Of a hundred commands, so many take the key of an earlier one. */
const REPEATS_PERCENT = 8;

interface Sent extends Step {
  /** Take the key of an earlier command (counted back), with its body or with this one. */
  readonly again: { readonly back: number; readonly sameBody: boolean } | undefined;
}

const lives = fc
  .tuple(
    arbitraryLife(COMMANDS_MAX),
    fc.infiniteStream(
      fc.tuple(fc.nat(99), fc.record({ back: fc.integer({ min: 1, max: 6 }), sameBody: fc.boolean() })),
    ),
  )
  .map(([steps, repeats]) =>
    steps.map((step): Sent => {
      const [percent, again] = repeats.next().value as [number, Exclude<Sent['again'], undefined>];
      return { ...step, again: percent < REPEATS_PERCENT ? again : undefined };
    }),
  );

/** Every run has a wallet, and payments, of its own; flows and prompts are sold by the same few creators. */
class HttpComparison {
  readonly answers = new Map<string, number>();
  commands = 0;
  private readonly sent: { key: string; command: WalletCommand }[] = [];
  private readonly accepted: WalletCommand[] = [];
  private position = '';

  constructor(
    private readonly userId: string,
    private readonly model: ModelLedger,
    private readonly parts: {
      readonly caller: Caller;
      readonly ledger: ClockedLedger;
      readonly clock: ManualClock;
    },
  ) {}

  async step(step: Sent): Promise<void> {
    const { caller, clock } = this.parts;
    clock.t += step.afterMs;
    const { key, command } = this.next(step);
    this.commands += 1;
    if (command.type === 'AdvanceWallet') return this.read();
    const { status, body } = await caller.send(httpCommandOf(command), key);
    const expected = this.model.send(key, bodyOf(command), command, clock.t);
    const actual =
      status === 200
        ? {
            done: true,
            replayed: body['replayed'],
            balance: shownBalance(body['balanceAfter'] as object as Fields),
          }
        : shownRefusal(body);
    expect({ command, ...actual }).toEqual({ command, ...shownBy(expected) });
    const what = status === 200 ? (body['replayed'] === true ? 'replayed' : 'done') : String(body['code']);
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
    if (status !== 200 || body['replayed'] === true) return;
    this.position = String(body['position']);
    this.accepted.push(command);
    const events = await this.eventsOf(body['eventIds'] as readonly string[]);
    this.model.wallet(this.userId).nameLots(newLots(events));
  }

  /** The balance and the use of the plan as readers see them, at a position that has it all. */
  async read(): Promise<void> {
    const { caller, clock } = this.parts;
    const wallet = this.model.wallet(this.userId);
    const since = this.position === '' ? '' : `&minPosition=${this.position}`;
    const { status, body } = await caller.get(`/api/credits/balance?userId=${this.userId}${since}`);
    const expected = wallet.balanceAt(clock.t);
    if (expected === undefined) {
      expect([status, body['code']]).toEqual([404, 'wallet.not_found']);
      return;
    }
    expect({ ...shownBalance(body), uncollected: BigInt(body['uncollected'] as string) }).toEqual(expected);
    const uses = (await caller.get(`/api/entitlements?userId=${this.userId}${since}`)).body;
    const used = (limit: string): unknown => (uses[limit] as Fields)['used'];
    expect({
      plan: uses['plan'],
      scheduled: (uses['scheduled'] as Fields | undefined)?.['plan'],
      privatePrompts: used('privatePrompts'),
      testRuns: used('testRuns'),
      storageBytes: used('storageBytes'),
    }).toEqual(wallet.usesAt(clock.t));
  }

  private next(step: Sent): { key: string; command: WalletCommand } {
    const earlier = step.again && this.sent.at(-step.again.back);
    const command =
      earlier && step.again?.sameBody
        ? earlier.command
        : ownedBy(
            this.userId,
            commandAt(step.intent, {
              userId: this.userId,
              now: this.parts.clock.t,
              history: this.accepted,
            }),
          );
    const next = { key: earlier?.key ?? `k${this.sent.length}`, command };
    this.sent.push(next);
    return next;
  }

  private async eventsOf(ids: readonly string[]): Promise<readonly WalletEvent[]> {
    const found: RecordedEvent[] = [];
    for await (const batch of this.parts.ledger.store.readStream(walletStream(this.userId))) {
      found.push(...batch.filter(({ id }) => ids.includes(id)));
    }
    return found.map((recorded) => decodeEvent(recorded) as WalletEvent);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Payments are unique in the whole ledger; and the local caller may grant plans. */
function ownedBy(userId: string, command: WalletCommand): WalletCommand {
  if ('paymentId' in command && !command.paymentId.startsWith(userId))
    return { ...command, paymentId: PaymentId.of(`${userId}.${command.paymentId}`) };
  return 'mayGrant' in command ? { ...command, mayGrant: true } : command;
}

const bodyOf = (command: WalletCommand): string =>
  JSON.stringify(command, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

function shownBy(answer: ReturnType<ModelLedger['send']>): object {
  if (!answer.done) return answer;
  const { uncollected: _, ...balance }: ModelBalance = answer.balance;
  return { done: true, replayed: answer.replayed, balance };
}

class ManualClock implements Clock {
  constructor(public t: number) {}

  now(): number {
    return this.t;
  }
}

describe('G9 over HTTP', () => {
  const clock = new ManualClock(NOW);
  let ledger: ClockedLedger;
  let caller: Caller;

  beforeAll(async () => {
    ledger = await openClockedLedger(clock);
    caller = new Caller(ledger.url);
  }, 60_000);

  afterAll(async () => {
    caller?.close();
    await ledger?.close();
  });

  test(
    `${RUNS} random lives through HTTP on Postgres: every answer and read as the model's, and creators' earnings`,
    async () => {
      const seed = printedSeed('HTTP equals model', RUNS);
      const model = new ModelLedger(STANDARD_MODEL_TERMS);
      const answers = new Set<string>();
      let commands = 0;
      const drawn = fc.sample(lives, { seed, numRuns: RUNS });
      for (const [i, steps] of drawn.entries()) {
        const comparison = new HttpComparison(`u-${i}`, model, { caller, ledger, clock });
        for (const step of steps) await comparison.step(step);
        await comparison.read();
        for (const answer of comparison.answers.keys()) answers.add(answer);
        commands += comparison.commands;
      }
      const head = await ledger.store.head();
      await settled(head);
      for (const [creatorId, earned] of model.earnings()) {
        if (creatorId.startsWith('u-')) continue;
        const { body } = await caller.get(`/api/creators/${creatorId}/earnings`);
        expect({ creatorId, earned: BigInt((body['earned'] as string | undefined) ?? '0') }).toEqual({
          creatorId,
          earned,
        });
      }
      expect(ledger.faults).toEqual([]);
      showed({
        guarantee: 'G9',
        proof: 'through HTTP on Postgres',
        seed,
        figures: { runs: RUNS, commands, 'kinds of answer': answers.size },
      });
    },
    PATIENCE_MS,
  );

  /** Creators' shares come after the charges, so clearing is empty once all is settled. */
  async function settled(head: bigint): Promise<void> {
    for (let patience = 300; patience > 0; patience--) {
      const { body } = await caller.get('/api/ledger/trial-balance');
      const accounts = body['accounts'] as readonly { account: string; balance: string }[];
      const open = accounts.filter(
        ({ account, balance }) => account.startsWith('clearing:') && balance !== '0',
      );
      if (BigInt(String(body['position']).split('-')[1]!) >= head && open.length === 0) {
        expect(body['total']).toBe('0');
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The creators were not settled within 30 s');
  }
});
