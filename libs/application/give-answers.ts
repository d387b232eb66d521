import type { EventStore } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { asFault } from './faults.js';
import type { Done } from './outcome.js';
import { readReplays } from './replays.js';
import { outcomeOf, type RequestVerdict, type Verdict } from './request.js';
import type { RequestOutcomes, Waiting } from './stream-queue.js';
import type { KeyEntry } from './window.js';

type Answered<E extends LedgerEvent> = Pick<Waiting<never, E>, 'resolve' | 'reject'>;

/** A request that waits for replays to be read: one verdict a command. */
interface Repeating<E extends LedgerEvent> {
  readonly waiting: Answered<E>;
  readonly verdicts: readonly Verdict<E>[];
}

/** Answers requests with their verdicts, once the batch's events are at `positions`; replays are read back together. */
export async function giveAnswers<E extends LedgerEvent>(
  { store, stream }: { readonly store: EventStore; readonly stream: string },
  requests: readonly Answered<E>[],
  decided: readonly RequestVerdict<E>[],
  positions: readonly bigint[],
): Promise<void> {
  const repeating: Repeating<E>[] = [];
  const entries: KeyEntry[] = [];
  requests.forEach((waiting, i) => {
    const verdict = decided[i]!;
    if (verdict.kind === 'fault') return waiting.reject(asFault(verdict.error, stream));
    const { verdicts } = verdict;
    const replayed = verdicts.flatMap((each) => (each.kind === 'replay' ? [each.entry] : []));
    if (replayed.length === 0) return waiting.resolve(outcomesOf(verdicts, positions, []));
    repeating.push({ waiting, verdicts });
    entries.push(...replayed);
  });
  if (repeating.length === 0) return;
  try {
    const replays = [...(await readReplays<E>(store, stream, entries))];
    for (const { waiting, verdicts } of repeating) waiting.resolve(outcomesOf(verdicts, positions, replays));
  } catch (error) {
    for (const { waiting } of repeating) waiting.reject(asFault(error, stream));
  }
}

/** Takes the replays that the verdicts need from the front of `replays`. */
const outcomesOf = <E extends LedgerEvent>(
  verdicts: readonly Verdict<E>[],
  positions: readonly bigint[],
  replays: Done<E>[],
): RequestOutcomes<E> =>
  verdicts.map((verdict) => (verdict.kind === 'replay' ? replays.shift()! : outcomeOf(verdict, positions)));
