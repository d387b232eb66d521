import { formatPosition } from '#libs/event-store/position.js';
import type { ApiDeps } from '../deps.js';
import type { ReadyReply } from '../openapi/read-replies.js';
import { HeldUp } from './held-up.js';

/** Readiness fails when the process clock is further off the store's (domain rules, section 1, time). */
const CLOCK_SKEW_MS_MAX = 2_000;
const PROBE_MS_MAX = 2_000;

const UNAUTHENTICATED = {
  loopback:
    'No authentication yet: whoever reaches the port can move money, so the server listens on a loopback address only.',
  'any-host':
    'No authentication yet: whoever reaches the port can move money, so a firewall or a container network must keep strangers off it.',
} as const;

/** Whether the api can do its work, and what else an operator should know of the ledger. */
export class Readiness {
  private readonly heldUp = new HeldUp();

  constructor(private readonly deps: ApiDeps) {}

  async ask(): Promise<ReadyReply> {
    const [state, others] = await Promise.all([this.probe(), this.others()]);
    const ready = state.problems.length === 0;
    const notes = [UNAUTHENTICATED[this.deps.reach ?? 'loopback'], ...this.stalled(state.views), ...others];
    return { status: ready ? 'ready' : 'not_ready', ...state, notes };
  }

  /** Reads go on with what the other views show, so this does not make the process unready. */
  private stalled(views: ReadyReply['views']): readonly string[] {
    const now = this.deps.clock.now();
    return views.flatMap(({ name, position, behind }) => {
      const seconds = this.heldUp.seconds(name, { place: position, idle: behind === '0', now });
      return seconds === undefined
        ? []
        : [
            `View ${name} shows the log up to ${position}, which is not its head, and has not moved for ${seconds} s: see the projector's log.`,
          ];
    });
  }

  /** Roles that no process runs, or that stand still: commands go on without them. */
  private async others(): Promise<readonly string[]> {
    const followers = await within(this.deps.followers?.() ?? Promise.resolve([])).catch((err: unknown) => {
      this.deps.logger.warn({ err }, 'readiness: whether the other roles run cannot be told');
      return [];
    });
    const now = this.deps.clock.now();
    return followers.flatMap(({ role, led, work }) => {
      const seconds =
        work && this.heldUp.seconds(`role ${role}`, { place: work.place, idle: work.waiting === 0, now });
      if (!led) return [`No process runs the role ${role}: start one, for what it does waits.`];
      return seconds === undefined
        ? []
        : [
            `The role ${role} has ${work!.waiting} ${work!.of} to do and has not moved for ${seconds} s: see its log.`,
          ];
    });
  }

  private async probe(): Promise<Omit<ReadyReply, 'notes' | 'status'>> {
    const { store, clock, reads } = this.deps;
    const problems: string[] = [];
    const failed = (what: string) => (error: unknown) => {
      this.deps.logger.warn({ err: error }, `readiness: ${what}`);
      problems.push(what);
      return undefined;
    };
    const asked = clock.now();
    const [now, head, checkpoints] = await Promise.all([
      within(store.now()).catch(failed('the event store does not answer')),
      within(store.head()).catch(failed('the head of the log cannot be read')),
      within(reads.checkpoints()).catch(failed('the read models do not answer')),
    ]);
    // Half of the time the question took lies before the store looked at its clock.
    const skew = now === undefined ? undefined : Math.round((asked + clock.now()) / 2 - now);
    if (skew !== undefined && Math.abs(skew) > CLOCK_SKEW_MS_MAX) {
      problems.push(`the clock is ${skew} ms off the store's, at most ${CLOCK_SKEW_MS_MAX} are allowed`);
    }
    return {
      store: now !== undefined && head !== undefined,
      problems,
      views: (checkpoints ?? []).map(({ name, position, recordedAt, events }) => ({
        name,
        position: formatPosition(store.logId, position),
        behind: String(head === undefined || head < position ? 0n : head - position),
        events,
        recordedAt: new Date(recordedAt).toISOString(),
      })),
      ...(skew === undefined ? {} : { clockSkewMs: skew }),
      ...(now === undefined ? {} : { storeTime: new Date(now).toISOString() }),
      ...(head === undefined ? {} : { head: formatPosition(store.logId, head) }),
    };
  }
}

/** A probe that hangs is a probe that failed. */
async function within<T>(probe: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${PROBE_MS_MAX} ms`)), PROBE_MS_MAX);
  });
  try {
    return await Promise.race([probe, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
