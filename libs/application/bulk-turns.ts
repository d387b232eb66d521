/** Commands of bulks decided in one turn of the event loop: well under a millisecond. */
export const BULK_COMMANDS_PER_TURN = 25;
/** While single commands come at least this often, a bulk pauses between its turns, */
const SINGLES_RECENT_MS = 250;
/** so that log and projections are not flooded in one burst that the singles would have to wait out. */
const PAUSE_MS = 1;

/**
 * Shares out the event loop between the streams of a bulk, so that single commands get their turn in between: a
 * stream's flush waits here, and each turn lets only so many commands through.
 */
export class BulkTurns {
  private waiting: { readonly commands: number; readonly go: () => void }[] = [];
  private scheduled = false;
  private lastSingleAt = -Infinity;

  /** Resolves when the stream may decide `commands` commands. */
  next(commands: number): Promise<void> {
    return new Promise((go) => {
      this.waiting.push({ commands, go });
      this.schedule();
    });
  }

  /** A command that somebody waits for by itself has come. */
  sawSingle(): void {
    this.lastSingleAt = performance.now();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const turn = (): void => {
      this.scheduled = false;
      this.letThrough();
    };
    if (performance.now() - this.lastSingleAt < SINGLES_RECENT_MS) setTimeout(turn, PAUSE_MS);
    else setImmediate(turn);
  }

  private letThrough(): void {
    let commands = 0;
    let streams = 0;
    while (streams < this.waiting.length && commands < BULK_COMMANDS_PER_TURN) {
      const { commands: own, go } = this.waiting[streams++]!;
      commands += own;
      go();
    }
    this.waiting = this.waiting.slice(streams);
    if (this.waiting.length > 0) this.schedule();
  }
}
