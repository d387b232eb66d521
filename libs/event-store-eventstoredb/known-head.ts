import { LOG_START, type Position } from '#libs/event-store/port.js';
import type { Bell } from './bell.js';

/** The head of the log as this process knows it: everything at or before it is committed and readable. */
export class KnownHead {
  #known: Position = LOG_START;

  constructor(private readonly bell: Bell) {}

  get known(): Position {
    return this.#known;
  }

  /** The log was seen to reach `position`. Going back is ignored: an older answer may arrive late. */
  advance(position: Position): void {
    if (position <= this.#known) return;
    this.#known = position;
    this.bell.ring();
  }

  /** The log was seen to be shorter than it was: wakes everybody, so that those beyond it stop. */
  retreat(position: Position): void {
    this.#known = position;
    this.bell.ring();
  }
}
