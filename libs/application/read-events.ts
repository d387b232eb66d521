import type { EventStore, RecordedEvent } from '#libs/event-store/port.js';

/** Events read for nothing between two that are wanted cost less than another query. */
const GAP_EVENTS_MAX = 100;

/** Revisions `from` (inclusive) to `end` (exclusive). */
export interface RevisionRange {
  readonly from: number;
  readonly end: number;
}

/** The events of a stream in any of the ranges, by revision; those that lie close to each other share one read. */
export async function readRanges(
  store: EventStore,
  stream: string,
  ranges: readonly RevisionRange[],
): Promise<ReadonlyMap<number, RecordedEvent>> {
  const recorded = new Map<number, RecordedEvent>();
  for (const { from, end } of joined(ranges)) {
    for await (const batch of store.readStream(stream, { from, maxCount: end - from })) {
      for (const event of batch) recorded.set(event.revision, event);
    }
  }
  return recorded;
}

function joined(ranges: readonly RevisionRange[]): readonly RevisionRange[] {
  const reads: { from: number; end: number }[] = [];
  for (const { from, end } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = reads.at(-1);
    if (last !== undefined && from <= last.end + GAP_EVENTS_MAX) last.end = Math.max(last.end, end);
    else reads.push({ from, end });
  }
  return reads;
}
