/** A thing that has work to do and has not moved for so long is held up: the log of who does it says by what. */
const STALLED_MS = 30_000;

/** How long each thing has been seen at one place. */
export class HeldUp {
  private readonly seen = new Map<string, { readonly place: string; readonly since: number }>();

  /** Seconds for which the thing has stood still with work to do; undefined while that is too short to tell. */
  seconds(
    thing: string,
    { place, idle, now }: { place: string; idle: boolean; now: number },
  ): number | undefined {
    const before = this.seen.get(thing);
    const since = before?.place === place && !idle ? before.since : now;
    this.seen.set(thing, { place, since });
    return now - since < STALLED_MS ? undefined : Math.round((now - since) / 1_000);
  }
}
