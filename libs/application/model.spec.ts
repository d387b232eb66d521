import fc from 'fast-check';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { eventsOf } from '#test/support/application/watched-store.js';
import { ManualClock, replyText, WalletProcess } from '#test/support/application/wallet-process.js';
import { arbitraryStep, commandAt, openCommand, type Step } from '#test/support/ledger/arbitrary-commands.js';
import { type ModelAnswer, ModelWallet } from '#test/support/ledger/model-wallet.js';
import { holdsAsync } from '#test/support/property.js';
import type { Outcome } from './outcome.js';

const PROPERTY_RUNS = 200;
const ACTIONS_MAX = 40;
/** Commands sent without waiting for each other; one process decides them in the order sent. */
const TOGETHER_MAX = 5;

interface Sent extends Step {
  /** Take the key of an earlier command (counted back), with its body or with this one. */
  readonly again?: { readonly back: number; readonly sameBody: boolean };
}

interface Action {
  /** Which of the two processes is spoken to, and whether it was started anew before. */
  readonly process: 0 | 1;
  readonly restarted: boolean;
  readonly sent: readonly Sent[];
}

const again = fc.option(fc.record({ back: fc.integer({ min: 1, max: 10 }), sameBody: fc.boolean() }), {
  nil: undefined,
  freq: 3,
});
const sent: fc.Arbitrary<Sent> = fc
  .tuple(arbitraryStep, again)
  .map(([step, repeat]) => (repeat === undefined ? step : { ...step, again: repeat }));
const action: fc.Arbitrary<Action> = fc.record({
  process: fc.constantFrom(0 as const, 1 as const),
  restarted: fc.nat(9).map((n) => n === 0),
  sent: fc.array(sent, { minLength: 1, maxLength: TOGETHER_MAX }),
});
/** Most lives begin with an open wallet; some commands come before it. */
const life = fc
  .tuple(fc.nat(9), openCommand, fc.array(action, { maxLength: ACTIONS_MAX, size: 'max' }))
  .map(([late, command, actions]): readonly Action[] => {
    const opening: Action = { process: 0, restarted: false, sent: [{ command, afterMs: 0 }] };
    return late === 0 ? [...actions.slice(0, 1), opening, ...actions.slice(1)] : [opening, ...actions];
  });

function answerOf(outcome: Outcome<WalletEvent>): ModelAnswer {
  if (outcome.kind === 'refused') {
    const { refusal } = outcome;
    return refusal.code === 'wallet.insufficient_credits'
      ? { done: false, ...refusal }
      : { done: false, code: refusal.code };
  }
  const { available, monthly, promo, purchased, unlimited, held, refund } = outcome.balanceAfter!;
  expect([held, refund]).toEqual([0n, 0n]);
  return {
    done: true,
    replayed: outcome.replayed,
    balance: {
      available,
      monthly,
      promo,
      purchased,
      ...(unlimited === undefined ? {} : { unlimitedUsed: unlimited.used }),
    },
  };
}

/** Two processes over one log beside the model; every answer is compared. */
class Comparison {
  readonly log = new MemoryEventStore();
  readonly answers: string[] = [];
  private readonly clock = new ManualClock();
  private readonly processes = [this.start(), this.start()] as [WalletProcess, WalletProcess];
  private readonly model = new ModelWallet();
  private readonly history: { key: string; command: WalletCommand }[] = [];

  private start(): WalletProcess {
    return new WalletProcess(this.log, { clock: this.clock });
  }

  async act({ process, restarted, sent: together }: Action): Promise<void> {
    if (restarted) this.processes[process] = this.start();
    const expected: ModelAnswer[] = [];
    const real = together.map((step) => {
      this.clock.t += step.afterMs;
      const { key, command } = this.next(step);
      expected.push(this.model.send(key, replyText(command), command, this.clock.t));
      return this.processes[process].send(key, command);
    });
    const answers = (await Promise.all(real)).map(answerOf);
    expect(answers).toEqual(expected);
    for (const answer of answers) this.answers.push(answer.done ? `done ${answer.replayed}` : answer.code);
  }

  private next(step: Sent): { key: string; command: WalletCommand } {
    const earlier = step.again && this.history.at(-step.again.back);
    const command = earlier && step.again?.sameBody ? earlier.command : commandAt(step, this.clock.t);
    const next = { key: earlier?.key ?? `k${this.history.length}`, command };
    this.history.push(next);
    return next;
  }

  async trialBalance(): Promise<bigint> {
    const postings = (await eventsOf(this.log)).flatMap((recorded) => postingsOf(decodeEvent(recorded)));
    return postings.reduce((sum, { amount }) => sum + amount, 0n);
  }
}

describe('the write path equals the reference model', () => {
  test('random lives over two processes: every answer, replay and refusal alike', async () => {
    const seen = new Set<string>();
    await holdsAsync(
      'write path equals model',
      PROPERTY_RUNS,
      fc.asyncProperty(life, async (actions) => {
        const comparison = new Comparison();
        for (const each of actions) await comparison.act(each);
        expect(await comparison.trialBalance()).toBe(0n);
        for (const answer of comparison.answers) seen.add(answer);
      }),
    );
    // The generator is not blind: every answer there is was seen.
    expect([...seen].sort()).toEqual([
      'done false',
      'done true',
      'flow.already_unlocked',
      'flow.own_flow',
      'model.unpriced',
      'payment.already_credited',
      'request.id_reused',
      'request.invalid',
      'run.already_charged',
      'wallet.already_open',
      'wallet.insufficient_credits',
      'wallet.not_found',
    ]);
  });
});
