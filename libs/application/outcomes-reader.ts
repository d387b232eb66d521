import type { Position } from '#libs/event-store/port.js';
import { LOG_START } from '#libs/event-store/port.js';
import { CatchingUpFault } from './outcome.js';
import type { PastAnswer, PastLookup, PastRequest } from './past-lookup.js';

/** Look-ups under way at once; those that come meanwhile are sent together. */
const LOOK_UPS_AT_ONCE = 2;
/** The position alone is asked for no more often. */
const REFRESH_MS = 1_000;

/** A look-up's caller. */
interface Asking {
  readonly request: PastRequest;
  readonly resolve: (answer: PastAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Asks the projection of outcomes for all streams of an executor: many flushes share one query. */
export class OutcomesReader {
  /** Position of the newest answer: what lies at or before it may leave memory. It may have gone back since. */
  passed: Position = LOG_START;
  private asking: Asking[] = [];
  private running = 0;
  private refreshedAt = -Infinity;

  constructor(
    private readonly lookup: PastLookup,
    private readonly refreshMs = REFRESH_MS,
  ) {}

  /** @throws CatchingUpFault when the outcomes cannot be read or are not complete */
  lookUp(request: PastRequest): Promise<PastAnswer> {
    return new Promise((resolve, reject) => {
      this.asking.push({ request, resolve, reject });
      if (this.running < LOOK_UPS_AT_ONCE) void this.run();
    });
  }

  /** Asks for the position, if it was not asked for just now. Failing, `passed` stays: nothing leaves memory. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (now - this.refreshedAt < this.refreshMs) return;
    this.refreshedAt = now;
    await this.ask([]).catch(() => undefined);
  }

  private async run(): Promise<void> {
    this.running += 1;
    // Whoever asks in the same turn joins.
    await Promise.resolve();
    while (this.asking.length > 0) {
      const asking = this.asking;
      this.asking = [];
      try {
        const answer = await this.ask(asking.map(({ request }) => request));
        for (const { request, resolve } of asking) resolve(ofStream(answer, request.stream));
      } catch (error) {
        const fault =
          error instanceof CatchingUpFault
            ? error
            : new CatchingUpFault(
                'The outcomes of earlier commands cannot be read: send the command again later.',
                {
                  cause: error,
                },
              );
        for (const { reject } of asking) reject(fault);
      }
    }
    this.running -= 1;
  }

  private async ask(requests: readonly PastRequest[]): Promise<PastAnswer> {
    const answer = await this.lookup.lookUp(requests);
    if (answer === 'absent') {
      throw new CatchingUpFault(
        'The projection command-outcomes has no complete copy yet: send the command again later.',
      );
    }
    this.passed = answer.position;
    return answer;
  }
}

const ofStream = ({ position, keys, ids }: PastAnswer, stream: string): PastAnswer => ({
  position,
  keys: keys.filter((key) => key.stream === stream),
  ids: ids.filter((id) => id.stream === stream),
});
