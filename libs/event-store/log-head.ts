import { ForeignPositionError, PositionBeyondHeadError } from './errors.js';
import { LOG_START, type Position } from './port.js';

/**
 * The head of the log as this process knows it, and those who wait for it to move. Everything at or before `known`
 * is committed and readable.
 */
export class LogHead {
  #known: Position = LOG_START;
  readonly #waiters = new Set<() => void>();
  #closed = false;

  get known(): Position {
    return this.#known;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The log was seen to reach `position`. Going back is ignored: an older answer may arrive late. */
  advance(position: Position): void {
    if (position <= this.#known) return;
    this.#known = position;
    this.#wakeAll();
  }

  /** The log was seen to be shorter than it was: wakes everybody, so that those beyond it stop. */
  retreat(position: Position): void {
    this.#known = position;
    this.#wakeAll();
  }

  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  /** Resolves when the head is no longer `position`, the signal aborts or the store closes. */
  async moved(position: Position, signal: AbortSignal): Promise<void> {
    if (this.#known !== position || signal.aborted || this.#closed) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}

/** @throws ForeignPositionError, PositionBeyondHeadError when no reader can start behind `position`. */
export function checkStart(position: Position, head: Position): void {
  if (position < LOG_START) {
    throw new ForeignPositionError(`${position} is not a position: the log starts at ${LOG_START}.`);
  }
  if (position > head) throw new PositionBeyondHeadError(position, head);
}
