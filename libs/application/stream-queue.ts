import type { LedgerEvent } from '#libs/ledger/events.js';
import { BULK_COMMANDS_PER_TURN } from './bulk-turns.js';
import type { FoldedStream } from './folded-stream.js';
import { type NotApplied, type Outcome, OutcomeUnknownFault, OverloadedFault } from './outcome.js';
import type { Request } from './request.js';

/** Outcomes in the order of the request's commands. */
export type RequestOutcomes<E extends LedgerEvent> = readonly (Outcome<E> | NotApplied)[];

/** A request whose caller waits. */
export interface Waiting<C, E extends LedgerEvent> extends Request<C> {
  readonly resolve: (outcomes: RequestOutcomes<E>) => void;
  readonly reject: (fault: Error) => void;
}

/** Commands waiting or being appended now, in all queues together. */
export interface WaitingTotal {
  commands: number;
}

/** What waits for one stream, and the newest state of it that this process knows. */
export class StreamQueue<S, C, E extends LedgerEvent> {
  /** Set once folded. */
  folded: FoldedStream<S> | undefined;
  running = false;
  /** Requests at the front whose append is under way. */
  appending = 0;
  /** An append of this stream has no known outcome for too long: nothing new is taken until it has. */
  stuck = false;
  private waiting: Waiting<C, E>[] = [];

  constructor(
    readonly stream: string,
    private readonly total: WaitingTotal,
  ) {}

  get length(): number {
    return this.waiting.length;
  }

  /** Nobody but bulks waits on the stream. */
  get isBulk(): boolean {
    return onlyBulk(this.waiting);
  }

  /** What the next append may answer: all that waits, but of a bulk only what fits a turn. */
  get next(): readonly Waiting<C, E>[] {
    return this.isBulk ? this.waiting.slice(0, BULK_COMMANDS_PER_TURN) : this.waiting.slice();
  }

  /** How many commands those are. */
  get nextCommands(): number {
    return this.next.reduce((sum, { items }) => sum + items.length, 0);
  }

  push(request: Waiting<C, E>): void {
    this.waiting.push(request);
    this.total.commands += request.items.length;
  }

  /** Takes requests off the front, to be answered. */
  take(count: number): readonly Waiting<C, E>[] {
    return this.takeOff(this.waiting.splice(0, count));
  }

  /** Whether the first `count` requests are all of bulks. */
  startsWithBulk(count: number): boolean {
    return onlyBulk(this.waiting.slice(0, count));
  }

  /** Answers everyone who waits; the append under way goes on until its outcome is known. */
  leaveInDoubt(): void {
    if (this.stuck) return;
    this.stuck = true;
    // These stay queued: they are settled, or decided again, once the outcome is known.
    for (const { reject } of this.waiting.slice(0, this.appending)) {
      reject(
        new OutcomeUnknownFault(
          'It is not known yet whether the command took effect: send it again under the same key.',
        ),
      );
    }
    for (const { reject } of this.takeOff(this.waiting.splice(this.appending)))
      reject(new OverloadedFault(`Stream ${this.stream} waits for the store: try again later.`));
  }

  private takeOff(requests: readonly Waiting<C, E>[]): readonly Waiting<C, E>[] {
    for (const { items } of requests) this.total.commands -= items.length;
    return requests;
  }
}

const onlyBulk = (requests: readonly Request<unknown>[]): boolean =>
  requests.every(({ mode }) => mode === 'bulk');
