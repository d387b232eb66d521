/** Batches of a lane that may wait behind the one in flight. */
const QUEUED_MAX = 2;

export interface LanesOptions<T> {
  /** How many batches are in flight at once, one a lane. */
  readonly lanes: number;
  readonly batchMax: number;
  /** Sends one batch; the lane's next one follows when it is through. */
  readonly send: (batch: readonly T[]) => Promise<void>;
}

interface Lane<T> {
  batch: T[];
  queued: number;
  tail: Promise<void>;
}

/**
 * Sends items in batches over several lanes. A key (a user) always takes the same lane and a lane sends one batch
 * after another, so each user's items arrive in the order they were added.
 */
export class Lanes<T> {
  private readonly lanes: readonly Lane<T>[];
  private readonly laneOfKey = new Map<string, Lane<T>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly options: LanesOptions<T>) {
    this.lanes = Array.from({ length: options.lanes }, () => ({
      batch: [],
      queued: 0,
      tail: Promise.resolve(),
    }));
  }

  /** Waits when the lane is full. @throws what sending an earlier batch threw */
  async add(key: string, item: T): Promise<void> {
    this.throwIfFailed();
    const lane = this.laneOf(key);
    lane.batch.push(item);
    if (lane.batch.length < this.options.batchMax) return;
    this.dispatch(lane);
    while (lane.queued > QUEUED_MAX) {
      await lane.tail;
      this.throwIfFailed();
    }
  }

  /** Sends what is left and waits until all is through. @throws what sending a batch threw */
  async finish(): Promise<void> {
    for (const lane of this.lanes) if (lane.batch.length > 0 && !this.failure) this.dispatch(lane);
    await this.settle();
    this.throwIfFailed();
  }

  /** Waits for the batches in flight; those that wait behind a failure are not sent. */
  async settle(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.tail));
  }

  private laneOf(key: string): Lane<T> {
    const known = this.laneOfKey.get(key);
    if (known) return known;
    // By first appearance: neighbours in a file go to different lanes.
    const lane = this.lanes[this.laneOfKey.size % this.lanes.length]!;
    this.laneOfKey.set(key, lane);
    return lane;
  }

  private dispatch(lane: Lane<T>): void {
    const { batch } = lane;
    lane.batch = [];
    lane.queued++;
    lane.tail = lane.tail.then(async () => {
      try {
        if (!this.failure) await this.options.send(batch);
      } catch (error) {
        this.failure ??= { error };
      } finally {
        lane.queued--;
      }
    });
  }

  private throwIfFailed(): void {
    if (this.failure) throw this.failure.error;
  }
}
