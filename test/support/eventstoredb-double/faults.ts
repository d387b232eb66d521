import type { LostReply, PlannedLoss } from '#libs/event-store/memory-store.js';
import type { AppendAnswer } from './log.js';

/** What is to go wrong with one append. */
export type AppendFault =
  | { readonly kind: 'lost'; readonly when: LostReply; readonly hold: (commit: () => void) => void }
  | { readonly kind: 'conflict'; readonly actual: bigint | 'no_stream' | undefined };

export interface AppendFaultOptions {
  /** Only an append to a stream of such a name is hit. Default: the next append, whatever its stream. */
  readonly streams?: RegExp;
}

type PlannedFault = AppendFault & AppendFaultOptions;

/** What faults do to the running server. */
export interface FaultTargets {
  /** Cuts every connection without a word. */
  readonly dropConnections: () => void;
  /** Ends every open read and subscription as a server does that has nothing more to say. */
  readonly endStreams: () => void;
  /** Tells every live subscription once more that it has caught up. */
  readonly repeatCaughtUp: () => void;
  /** Lets subscriptions go on after a hang. */
  readonly resume: () => void;
  readonly refuseConnections: () => Promise<void>;
  readonly acceptConnections: () => Promise<void>;
}

/** Everything a test may ask to go wrong. All of it ends with `clear`, and with a restart of the double. */
export class Faults {
  #hang: { readonly released: Promise<void>; readonly release: () => void } | undefined;
  #delayMs = 0;
  #ready = true;
  #planned: PlannedFault[] = [];

  constructor(private readonly targets: () => FaultTargets) {}

  /** Calls answer nothing until `release`; what arrived meanwhile is then dealt with, appends included. */
  hang(): void {
    if (this.#hang) return;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.#hang = { released, release };
  }

  release(): void {
    this.#hang?.release();
    this.#hang = undefined;
    this.targets().resume();
  }

  /** Every call is dealt with so many milliseconds late, until set to 0. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Appends and reads answer "Server Is Not Ready" and do nothing, until set to true again. */
  setReady(ready: boolean): void {
    this.#ready = ready;
  }

  /** The next append gets no reply: its connection is cut before or after the commit, or the commit waits for `release`. */
  loseNextReply(when: LostReply, options: AppendFaultOptions = {}): PlannedLoss {
    let held: (() => void) | undefined;
    this.#planned.push({ kind: 'lost', when, hold: (commit) => (held = commit), ...options });
    return {
      release: async () => {
        held?.();
        held = undefined;
      },
    };
  }

  /** The next append is refused with WrongExpectedVersion, whatever it expects; `actual` defaults to the truth. */
  conflictNextAppend(options: AppendFaultOptions & { actual?: bigint | 'no_stream' } = {}): void {
    this.#planned.push({ kind: 'conflict', actual: options.actual, ...options });
  }

  dropConnections(): void {
    this.targets().dropConnections();
  }

  endStreams(): void {
    this.targets().endStreams();
  }

  repeatCaughtUp(): void {
    this.targets().repeatCaughtUp();
  }

  /** New connections are refused from now on; open ones stay. */
  refuseConnections(): Promise<void> {
    return this.targets().refuseConnections();
  }

  acceptConnections(): Promise<void> {
    return this.targets().acceptConnections();
  }

  /** Forgets every fault that is planned or going on; calls that a hang holds stay unanswered, nothing of theirs is done. */
  clear(): void {
    this.reset();
    this.targets().resume();
  }

  /** The same for a server that is not running: with it went whoever waited. */
  reset(): void {
    this.#hang = undefined;
    this.#delayMs = 0;
    this.#ready = true;
    this.#planned = [];
  }

  get ready(): boolean {
    return this.#ready;
  }

  get hanging(): boolean {
    return this.#hang !== undefined;
  }

  /** What a call waits for before it is dealt with; nothing, mostly. */
  wait(): Promise<void> | undefined {
    if (this.#hang) return this.#hang.released;
    if (this.#delayMs === 0) return undefined;
    return new Promise((resolve) => setTimeout(resolve, this.#delayMs));
  }

  /** The fault planned for an append to this stream, which is thereby used up. */
  takeFor(stream: string): AppendFault | undefined {
    if (this.#planned.length === 0) return undefined;
    const index = this.#planned.findIndex(({ streams }) => streams?.test(stream) ?? true);
    return index < 0 ? undefined : this.#planned.splice(index, 1)[0];
  }
}

/** What a conflict on demand answers. */
export function conflictAnswer(actual: bigint | 'no_stream' | undefined, last: bigint): AppendAnswer {
  const truth = last < 0n ? 'no_stream' : last;
  return { kind: 'wrong-expected-version', actual: actual ?? truth };
}
