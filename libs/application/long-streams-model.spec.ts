import fc from 'fast-check';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { RefundId, RunId } from '#libs/kernel/ids.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { LongWallets } from '#test/support/application/long-wallets.js';
import { replyText, WalletProcess } from '#test/support/application/wallet-process.js';
import { charge, give, open, tokens, USER } from '#test/support/ledger/wallet-builders.js';
import { holdsAsync } from '#test/support/property.js';
import { CatchingUpFault, type Outcome } from './outcome.js';

const PROPERTY_RUNS = 80;
const ACTIONS_MAX = 60;
const WHILE_MS = 10;
/** Small, so that a short life crosses every border many times. */
const LONG = { everyEvents: 8, windowEntries: 6 } as const;

/** A command under the key it was first sent with. */
interface Sent {
  readonly key: string;
  readonly command: WalletCommand;
}

type Step =
  | { readonly kind: 'give' | 'give-for-a-while' | 'charge' }
  /** All of these count back from the newest command or run. */
  | { readonly kind: 'again' | 'other-body' | 'same-run' | 'refund' | 'same-refund'; readonly back: number };

type Action =
  | { readonly kind: 'send'; readonly process: 0 | 1; readonly steps: readonly Step[] }
  | { readonly kind: 'restart'; readonly process: 0 | 1 }
  /** What the projection shows: the log's head, a share of it, or nothing at all. */
  | { readonly kind: 'projection'; readonly share: number }
  | { readonly kind: 'projection-absent' | 'snapshots-lost' }
  /** What was given for a while lapses: the next command has events before its own. */
  | { readonly kind: 'time-passes' };

const back = fc.nat(60);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ kind: 'give' }, { kind: 'give-for-a-while' }, { kind: 'charge' }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('again', 'other-body', 'same-run', 'refund', 'same-refund'),
      back,
    }),
  },
);
const process = fc.constantFrom(0 as const, 1 as const);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      process,
      steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), process }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('projection' as const), share: fc.nat(10) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Action>({ kind: 'projection-absent' }, { kind: 'snapshots-lost' }),
  },
  { weight: 3, arbitrary: fc.constant<Action>({ kind: 'time-passes' }) },
);

const answerOf = (outcome: Outcome<WalletEvent>): string =>
  replyText(outcome.kind === 'done' ? { ...outcome, eventIds: outcome.eventIds.length } : outcome);

/** Long streams in two processes beside one process that folds everything and remembers everything. */
class Comparison {
  readonly seen = new Map<string, number>();
  private readonly wallets = new LongWallets(LONG);
  private readonly reference = new WalletProcess(new MemoryEventStore(), { clock: this.wallets.clock });
  private readonly processes = [this.wallets.start(), this.wallets.start()] as [WalletProcess, WalletProcess];
  private readonly sent: Sent[] = [];
  private readonly runs: RunId[] = [RunId.of('run-first')];
  private readonly refunds: RefundId[] = [RefundId.of('refund-first')];

  async open(): Promise<void> {
    await this.compare(0, [{ key: 'open', command: open() }]);
    await this.compare(0, [{ key: 'credits', command: give(10_000_000n) }]);
  }

  async act(each: Action): Promise<void> {
    switch (each.kind) {
      case 'send':
        return this.compare(
          each.process,
          each.steps.map((one) => this.next(one)),
        );
      case 'restart':
        await this.processes[each.process].executor.close();
        this.processes[each.process] = this.wallets.start();
        return;
      case 'projection': {
        const head = await this.wallets.log.head();
        this.wallets.outcomes.shows = each.share === 10 ? 'head' : (head * BigInt(each.share)) / 10n;
        return;
      }
      case 'projection-absent':
        this.wallets.outcomes.shows = 'absent';
        return;
      case 'snapshots-lost':
        this.wallets.snapshots.kept.clear();
        return;
      case 'time-passes':
        this.wallets.clock.t += WHILE_MS;
    }
  }

  async close(): Promise<void> {
    for (const each of this.processes) await each.executor.close();
  }

  private next(one: Step): Sent {
    const next = this.commandOf(one);
    this.sent.push(next);
    return next;
  }

  private commandOf(one: Step): Sent {
    const key = `k${this.sent.length}`;
    switch (one.kind) {
      case 'give':
        return { key, command: give(BigInt(this.sent.length + 1)) };
      case 'give-for-a-while': {
        const expiresAt = this.wallets.clock.t + WHILE_MS;
        return { key, command: give(BigInt(this.sent.length + 1), { expiresAt }) };
      }
      case 'charge':
        this.runs.push(RunId.of(`run-${this.runs.length}`));
        return { key, command: this.run(this.runs.at(-1)!) };
      case 'same-run':
        return { key, command: this.run(earlier(this.runs, one.back)) };
      case 'again':
        return earlier(this.sent, one.back) ?? { key, command: give(1n) };
      case 'other-body':
        return { key: earlier(this.sent, one.back)?.key ?? key, command: give(1_000_000n) };
      case 'refund':
        this.refunds.push(RefundId.of(`refund-${this.refunds.length}`));
        return { key, command: this.refund(earlier(this.runs, one.back), this.refunds.at(-1)!) };
      case 'same-refund':
        return { key, command: this.refund(this.runs.at(-1)!, earlier(this.refunds, one.back)) };
    }
  }

  private run(runId: RunId): WalletCommand {
    return charge({ runId, model: 'mixtral-8x7b', tokens: tokens(10) });
  }

  private refund(runId: RunId, refundId: RefundId): WalletCommand {
    return { type: 'RefundPrompt', userId: USER, runId, refundId, amount: 3n, reason: 'quality' };
  }

  /** Sent together; what has to wait for the projection is sent again, in order, once it is there. */
  private async compare(process: 0 | 1, together: readonly Sent[]): Promise<void> {
    const { outcomes, log } = this.wallets;
    const send = ({ key, command }: Sent) => this.processes[process].send(key, command);
    const before = await log.head();
    let answers = await Promise.allSettled(together.map(send));
    if (answers.some(({ status }) => status === 'rejected')) {
      // A window that was complete may be trimmed between two appends: the first of them may have taken effect.
      expect(await log.head()).toBe(before + BigInt(writtenBy(answers)));
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(CatchingUpFault);
      }
      this.count('catching up');
      outcomes.shows = 'head';
      const again = await Promise.allSettled(together.map(send));
      answers = answers.map((answer, i) => (answer.status === 'rejected' ? again[i]! : answer));
    }
    const expected = await Promise.all(together.map(({ key, command }) => this.reference.send(key, command)));
    const given = answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    });
    expect(given.map(answerOf)).toEqual(expected.map(answerOf));
    for (const answer of given) {
      if (answer.kind === 'done' && answer.events.length > 1) this.count('several events');
      this.count(answer.kind === 'refused' ? answer.refusal.code : `done, replayed: ${answer.replayed}`);
    }
    if (outcomes.requests.splice(0).length > 0) this.count('look-ups');
  }

  private count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

function writtenBy(answers: readonly PromiseSettledResult<Outcome<WalletEvent>>[]): number {
  let events = 0;
  for (const answer of answers) {
    if (answer.status === 'rejected') continue;
    const { value } = answer;
    if (value.kind === 'done' && !value.replayed) events += value.events.length;
  }
  return events;
}

function earlier<T>(all: readonly T[], count: number): T {
  return all[Math.max(0, all.length - 1 - count)]!;
}

test('long streams answer as a process that remembers everything, wherever the projection stands', async () => {
  const seen = new Map<string, number>();
  await holdsAsync(
    'long streams equal complete ones',
    PROPERTY_RUNS,
    fc.asyncProperty(fc.array(action, { maxLength: ACTIONS_MAX, size: 'max' }), async (actions) => {
      const comparison = new Comparison();
      await comparison.open();
      for (const each of actions) await comparison.act(each);
      await comparison.close();
      for (const [what, count] of comparison.seen) seen.set(what, (seen.get(what) ?? 0) + count);
    }),
  );
  // The generator is not blind: every way an answer can come about was taken.
  expect([...seen.keys()].sort()).toEqual([
    'catching up',
    'done, replayed: false',
    'done, replayed: true',
    'look-ups',
    'refund.exceeds_charge',
    'refund.id_used',
    'request.id_reused',
    'run.already_charged',
    'run.not_found',
    'several events',
  ]);
});
