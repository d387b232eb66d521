import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { ExpectedRevision, Position, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { StreamDefinition } from './stream-definition.js';
import { type KeyEntry, type Place, STREAM_START, type UsedId, Window } from './window.js';

/** A stream folded up to `revision`: the domain's state, and the keys and ids that its latest events used. */
export interface FoldedStream<S> extends Place {
  readonly state: S;
  /** Revision of the last event folded; -1 before the first. */
  readonly revision: number;
  /** Of the last event folded that is known to be in the log. */
  readonly position: Position;
  /** Id of the event at `position`; empty before the first. */
  readonly lastEventId: string;
  readonly window: Window;
  /** Revision of the newest snapshot of the stream this process knows of; -1 for none. */
  readonly snapshotRevision: number;
}

export const unfolded = <S>(initial: S): FoldedStream<S> => ({
  ...STREAM_START,
  state: initial,
  lastEventId: '',
  window: Window.behind(STREAM_START),
  snapshotRevision: -1,
});

export const expectedOf = (folded: FoldedStream<unknown>): ExpectedRevision =>
  folded.revision < 0 ? 'no_stream' : folded.revision;

/** Keys are scoped to the principal; a line feed is in neither. */
export const keyOf = ({ principal, key }: { readonly principal: string; readonly key: string }): string =>
  `${principal}\n${key}`;

/** A command whose events are being read: it may go on in the next batch. */
interface OpenCommand {
  readonly key: string;
  readonly bodyHash: string;
  readonly firstRevision: number;
  count: number;
  readonly used: UsedId[];
}

/** Folds events onto a stream, in order and without a gap; whole commands enter the window. */
export class Folding<S, E extends LedgerEvent> {
  private state: S;
  private window: Window;
  private last: Place & { readonly lastEventId: string };
  /** Last event of the last command in the window. */
  private closed: Place;
  private open: OpenCommand | undefined;

  constructor(
    private readonly definition: StreamDefinition<S, never, E>,
    private readonly start: FoldedStream<S>,
  ) {
    this.state = start.state;
    this.window = start.window;
    this.last = start;
    this.closed = start;
  }

  get revision(): number {
    return this.last.revision;
  }

  add(recorded: RecordedEvent): void {
    const { revision, position, id } = recorded;
    const metadata = decodeMetadata(recorded.metadata);
    const key = keyOf(metadata);
    if (this.open?.key !== key) {
      this.closeCommand();
      this.open = { key, bodyHash: metadata.bodyHash, firstRevision: revision, count: 0, used: [] };
    }
    const open = this.open;
    const event = decodeEvent(recorded) as E;
    open.count += 1;
    for (const used of this.definition.idsOf(event)) open.used.push([used, revision]);
    this.state = this.definition.evolve(this.state, event);
    this.last = { revision, position, lastEventId: id };
  }

  /** Lets the window shrink, which may be done between any two events: `last` is the last one it holds. */
  async shrink(shrunk: (window: Window, last: Place) => Promise<Window>): Promise<void> {
    this.window = await shrunk(this.window, this.closed);
  }

  /** Ends the command under way; the stream's end is always the end of a command. */
  private closeCommand(): void {
    const { open } = this;
    if (open === undefined) return;
    const { key, bodyHash, firstRevision, count, used } = open;
    const entry: KeyEntry = { bodyHash, firstRevision, count };
    this.window = this.window.with(key, entry, used);
    this.closed = this.last;
    this.open = undefined;
  }

  /** The same object as at the start when nothing was added. */
  get folded(): FoldedStream<S> {
    if (this.last === this.start) return this.start;
    this.closeCommand();
    const { revision, position, lastEventId } = this.last;
    return { ...this.start, state: this.state, window: this.window, revision, position, lastEventId };
  }
}
