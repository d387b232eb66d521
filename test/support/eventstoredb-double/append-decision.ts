import type { Expected, LogEvent } from './log-event.js';
import type { StreamState } from './stream-state.js';

export type AppendDecision =
  | { readonly kind: 'write' }
  /** Written before: the answer is the one given then, for the last of these events. */
  | { readonly kind: 'repeated'; readonly last: LogEvent }
  | { readonly kind: 'wrong-expected-version'; readonly actual: bigint | 'no_stream' }
  | { readonly kind: 'stream-deleted' };

export interface AppendQuestion {
  readonly stream: StreamState | undefined;
  readonly expected: Expected;
  readonly ids: readonly string[];
  /** Where an id was written last, as far as the server still remembers: its memory does not survive a restart. */
  readonly recent: (id: string) => LogEvent | undefined;
}

/** What the server does with an append: its rules of expected revisions and of idempotency. */
export function decideAppend(question: AppendQuestion): AppendDecision {
  const { stream, expected } = question;
  if (stream?.tombstoned) return { kind: 'stream-deleted' };
  if (expected === 'stream_exists') {
    if (stream?.softDeleted) return { kind: 'stream-deleted' };
    if (!stream || stream.last < 0n) return { kind: 'wrong-expected-version', actual: 'no_stream' };
  }
  if (expected === 'any' || expected === 'stream_exists') return decideByMemory(question);
  const base = expected === 'no_stream' ? -1n : expected;
  const last = stream?.last ?? -1n;
  if (base === last) return { kind: 'write' };
  return base < last && stream ? decideByContent(question, stream, base) : conflict(last);
}

/** Without a revision to look at, only what is remembered of the ids tells a repetition from a new append. */
function decideByMemory({ stream, ids, recent }: AppendQuestion): AppendDecision {
  let found: LogEvent | undefined;
  for (const id of ids) {
    const event = recent(id);
    if (!event || event.stream !== stream?.name)
      return found ? conflict(stream?.last ?? -1n) : { kind: 'write' };
    found = event;
  }
  return found ? { kind: 'repeated', last: found } : { kind: 'write' };
}

/** Behind the end, the stream itself tells: the same ids at the same revisions are a repetition. */
function decideByContent(
  { expected, ids }: AppendQuestion,
  stream: StreamState,
  base: bigint,
): AppendDecision {
  const differs = ids.findIndex((id, i) => stream.events[Number(base) + 1 + i]?.id !== id);
  if (differs === 0 && expected === 'no_stream' && stream.softDeleted) return { kind: 'write' };
  if (differs >= 0 || ids.length === 0) return conflict(stream.last);
  return { kind: 'repeated', last: stream.events[Number(base) + ids.length]! };
}

function conflict(last: bigint): AppendDecision {
  return { kind: 'wrong-expected-version', actual: last < 0n ? 'no_stream' : last };
}
