import type { LedgerEvent } from '#libs/ledger/events.js';
import {
  CatchingUpFault,
  CommandTooLargeFault,
  type NotApplied,
  type Outcome,
  OutcomeUnknownFault,
  OverloadedFault,
} from './outcome.js';
import type { EnvelopedCommand } from './request.js';
import type { Waiting } from './stream-queue.js';

/** How a command was answered. `failed`: by a fault of ours. */
export type AnswerKind =
  | 'done'
  | 'replayed'
  | 'refused'
  | 'not_applied'
  | 'unknown'
  | 'overloaded'
  | 'catching_up'
  | 'too_large'
  | 'failed';

/** Told what executors do, for metrics. Called for every command: it must cost next to nothing and never throw. */
export interface WriteObserver {
  /** `ms` from the moment the command was queued to its answer. */
  answered(command: string, result: AnswerKind, ms: number): void;
  /** An append is confirmed after so many milliseconds, repeated tries included. */
  appended(events: number, ms: number): void;
  /** Another process had moved the stream: what was decided is decided again. */
  conflicted(): void;
  /** A try to append whose outcome is not known; it is repeated until it is. */
  doubted(): void;
}

type Caller<C, E extends LedgerEvent> = Pick<Waiting<C, E>, 'resolve' | 'reject'>;

/** Who waits for the answers, and on the way to them the observer. */
export function observed<C extends { readonly type: string }, E extends LedgerEvent>(
  observer: WriteObserver | undefined,
  commands: readonly EnvelopedCommand<C>[],
  { resolve, reject }: Caller<C, E>,
): Caller<C, E> {
  if (observer === undefined) return { resolve, reject };
  const began = performance.now();
  return {
    resolve: (outcomes) => {
      const ms = performance.now() - began;
      outcomes.forEach((outcome, i) => observer.answered(commands[i]!.command.type, answerOf(outcome), ms));
      resolve(outcomes);
    },
    reject: (fault) => {
      const ms = performance.now() - began;
      for (const { command } of commands) observer.answered(command.type, answerOfFault(fault), ms);
      reject(fault);
    },
  };
}

function answerOf(outcome: Outcome | NotApplied): AnswerKind {
  if (outcome.kind !== 'done') return outcome.kind;
  return outcome.replayed ? 'replayed' : 'done';
}

function answerOfFault(fault: Error): AnswerKind {
  if (fault instanceof OutcomeUnknownFault) return 'unknown';
  if (fault instanceof OverloadedFault) return 'overloaded';
  if (fault instanceof CatchingUpFault) return 'catching_up';
  if (fault instanceof CommandTooLargeFault) return 'too_large';
  return 'failed';
}
