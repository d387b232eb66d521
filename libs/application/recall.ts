import type { Past } from '#libs/ledger/decision.js';
import type { FoldedStream } from './folded-stream.js';
import type { KeyEntry } from './window.js';

/**
 * Signal, not a fault: a decision needs something of the past that is not at hand. Whoever decides finds it and decides
 * again; deciders let it pass.
 */
export class PastMissing extends Error {
  override readonly name = 'PastMissing';
  constructor(
    readonly kind: 'key' | 'id' | 'event',
    readonly what: string | number,
  ) {
    super(`Not at hand: ${kind} ${what}`);
  }
}

/** What decisions asked for and did not get. */
export class Missing {
  readonly keys = new Set<string>();
  readonly ids = new Set<string>();
  readonly revisions = new Set<number>();

  add({ kind, what }: PastMissing): void {
    if (typeof what === 'number') this.revisions.add(what);
    else if (kind === 'key') this.keys.add(what);
    else this.ids.add(what);
  }

  get needsLookUp(): boolean {
    return this.keys.size > 0 || this.ids.size > 0;
  }
}

/** What one flush has found out about its stream's past beyond the folded window. */
export class Recall<E> {
  /** Looked up; undefined: never used at or before the window's begin. */
  readonly keys = new Map<string, KeyEntry | undefined>();
  readonly ids = new Map<string, number | undefined>();
  /** Events read for this flush, by revision. */
  readonly events = new Map<number, E>();
  /** Why nothing can be looked up now: commands that need it fail with this. */
  fault: Error | undefined;
}

/** The past as the commands of a batch see it: window, what was recalled, and the batch's own events so far. */
export class KnownPast<E> implements Past<E> {
  constructor(
    private readonly recall: Recall<E>,
    private readonly base: FoldedStream<unknown>,
    /** What the batch is about to write behind the base. */
    private readonly written: readonly E[],
    /** The newest state of the batch. */
    public now: FoldedStream<unknown>,
  ) {}

  /** @throws PastMissing when the key's fate has to be looked up first */
  entryOf(key: string): KeyEntry | undefined {
    const { window } = this.now;
    return window.entryOf(key) ?? (window.isComplete ? undefined : this.recalled('key', key));
  }

  revisionOf(id: string): number | undefined {
    const { window } = this.now;
    return window.revisionOf(id) ?? (window.isComplete ? undefined : this.recalled('id', id));
  }

  eventAt(revision: number): E {
    if (revision < 0 || revision > this.now.revision) {
      throw new Error(`There is no event ${revision}: the stream ends at ${this.now.revision}`);
    }
    if (revision > this.base.revision) return this.written[revision - this.base.revision - 1]!;
    const event = this.recall.events.get(revision);
    if (event === undefined) throw new PastMissing('event', revision);
    return event;
  }

  private recalled(kind: 'key', what: string): KeyEntry | undefined;
  private recalled(kind: 'id', what: string): number | undefined;
  private recalled(kind: 'key' | 'id', what: string): KeyEntry | number | undefined {
    const { keys, ids, fault } = this.recall;
    const known: ReadonlyMap<string, KeyEntry | number | undefined> = kind === 'key' ? keys : ids;
    if (known.has(what)) return known.get(what);
    throw fault ?? new PastMissing(kind, what);
  }
}
