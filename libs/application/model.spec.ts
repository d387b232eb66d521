import fc from 'fast-check';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { eventsOf } from '#test/support/application/watched-store.js';
import { ManualClock, replyText, WalletProcess } from '#test/support/application/wallet-process.js';
import { arbitraryStep, openIntent } from '#test/support/ledger/arbitrary-commands.js';
import { commandAt, type Step } from '#test/support/ledger/intents.js';
import { ModelWallet } from '#test/support/ledger/model-wallet.js';
import type { ModelAnswer } from '#test/support/model/answers.js';
import { balanceAsModelled, crossedBy, newLots, refusedAs } from '#test/support/model/comparison.js';
import { MOVING_MODEL_TERMS, MOVING_TERMS } from '#test/support/model/terms.js';
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
  .tuple(arbitraryStep, fc.nat(4), again)
  .map(([step, fresh, repeat]) => (repeat === undefined || fresh > 0 ? step : { ...step, again: repeat }));
const action: fc.Arbitrary<Action> = fc.record({
  process: fc.constantFrom(0 as const, 1 as const),
  restarted: fc.nat(9).map((n) => n === 0),
  sent: fc.array(sent, { minLength: 1, maxLength: TOGETHER_MAX }),
});
/** Most lives begin with an open wallet; some commands come before it. */
const life = fc
  .tuple(fc.nat(9), openIntent, fc.array(action, { maxLength: ACTIONS_MAX, size: 'max' }))
  .map(([late, intent, actions]): readonly Action[] => {
    const opening: Action = { process: 0, restarted: false, sent: [{ intent, afterMs: 0 }] };
    return late === 0 ? [...actions.slice(0, 1), opening, ...actions.slice(1)] : [opening, ...actions];
  });

function answerOf(outcome: Outcome<WalletEvent>): object {
  if (outcome.kind === 'refused') return refusedAs(outcome.refusal);
  const { replayed, balanceAfter, events } = outcome;
  // What changes nothing has no balance after it.
  if (balanceAfter === undefined) return { done: true, replayed, crossed: [] };
  return { done: true, replayed, crossed: crossedBy(events), balance: balanceAsModelled(balanceAfter) };
}

/** The model's answer as far as an outcome of the write path can say it. */
function expectedOf(answer: ModelAnswer, outcome: Outcome<WalletEvent>): object {
  if (!answer.done) return answer;
  const { balance, ...rest } = answer;
  if (outcome.kind === 'done' && outcome.events.length === 0) return rest;
  const { uncollected: _, ...shown } = balance;
  return { ...rest, balance: shown };
}

interface Issued {
  readonly key: string;
  readonly command: WalletCommand;
  readonly now: number;
}

/** Two processes over one log beside the model; every answer is compared. */
class Comparison {
  readonly log = new MemoryEventStore();
  readonly answers: string[] = [];
  private readonly clock = new ManualClock();
  private readonly processes = [this.start(), this.start()] as [WalletProcess, WalletProcess];
  private readonly model = new ModelWallet(MOVING_MODEL_TERMS);
  private readonly sent: Issued[] = [];
  private readonly accepted: WalletCommand[] = [];

  private start(): WalletProcess {
    return new WalletProcess(this.log, { clock: this.clock, terms: MOVING_TERMS });
  }

  async act({ process, restarted, sent: together }: Action): Promise<void> {
    if (restarted) this.processes[process] = this.start();
    const issued: Issued[] = [];
    const real = together.map((step) => {
      this.clock.t += step.afterMs;
      const { key, command } = this.next(step);
      issued.push({ key, command, now: this.clock.t });
      return this.processes[process].send(key, command);
    });
    const outcomes = await Promise.all(real);
    issued.forEach(({ key, command, now }, i) => this.compare(key, command, now, outcomes[i]!));
  }

  private compare(key: string, command: WalletCommand, now: number, outcome: Outcome<WalletEvent>): void {
    const answer = this.model.send(key, replyText(command), command, now);
    expect({ command, ...answerOf(outcome) }).toEqual({ command, ...expectedOf(answer, outcome) });
    if (outcome.kind === 'done' && !outcome.replayed) {
      this.model.nameLots(newLots(outcome.events));
      this.accepted.push(command);
    }
    this.answers.push(outcome.kind === 'done' ? `done ${outcome.replayed}` : outcome.refusal.code);
  }

  private next(step: Sent): { key: string; command: WalletCommand } {
    const earlier = step.again && this.sent.at(-step.again.back);
    const command =
      earlier && step.again?.sameBody
        ? earlier.command
        : commandAt(step.intent, { now: this.clock.t, history: this.accepted });
    const next = { key: earlier?.key ?? `k${this.sent.length}`, command, now: this.clock.t };
    this.sent.push(next);
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
    // The generator is not blind: every answer that is common was seen.
    expect([...seen]).toEqual(expect.arrayContaining(COMMON_ANSWERS));
  });
});

const COMMON_ANSWERS = [
  'done false',
  'done true',
  'flow.already_unlocked',
  'flow.not_unlocked',
  'flow.own_flow',
  'hold.closed',
  'hold.expired',
  'hold.id_used',
  'hold.not_found',
  'model.unpriced',
  'payment.already_credited',
  'plan.byok_not_included',
  'plan.change_not_scheduled',
  'plan.model_not_included',
  'plan.not_paid',
  'plan.private_prompts_exhausted',
  'plan.storage_exhausted',
  'plan.test_runs_exhausted',
  'prompt.already_exists',
  'prompt.not_found',
  'refund.exceeds_charge',
  'refund.id_used',
  'request.id_reused',
  'request.invalid',
  'run.already_charged',
  'run.not_found',
  'wallet.already_open',
  'wallet.closed',
  'wallet.frozen',
  'wallet.insufficient_credits',
  'wallet.not_found',
];
