import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { formatPosition } from '#libs/event-store/position.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { LiveReply, ReadyReply } from '../openapi/read-replies.js';

/** Readiness fails when the process clock is further off the store's (domain rules, section 1, time). */
const CLOCK_SKEW_MS_MAX = 2_000;
const PROBE_MS_MAX = 2_000;
/** A view that is behind the log and has not moved for so long is held up: the log of the projector says by what. */
const STALLED_MS = 30_000;

const NOTES = [
  'No authentication yet: whoever reaches the port can move money, so the server listens on a loopback address only.',
];

@ApiTags('health')
@Controller('health')
export class HealthController {
  /** When a probe first saw each view where it is. */
  private readonly seen = new Map<string, { readonly position: string; readonly since: number }>();

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('live')
  @ApiOperation({ summary: 'The process answers.' })
  @ApiOkResponse({ type: LiveReply })
  live(@Res() reply: FastifyReply): void {
    reply.code(200).send({ status: 'alive' });
  }

  @Get('ready')
  @ApiOperation({ summary: 'The store answers, the clocks agree; how far the read models are.' })
  @ApiOkResponse({ type: ReadyReply })
  @ApiServiceUnavailableResponse({ type: ReadyReply, description: 'Not ready; problems says why.' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const state = await this.probe();
    const ready = state.problems.length === 0;
    const notes = [...NOTES, ...this.stalled(state.views)];
    reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', ...state, notes });
  }

  /** Reads go on with what the other views show, so this does not make the process unready. */
  private stalled(views: ReadyReply['views']): readonly string[] {
    const now = this.deps.clock.now();
    const notes: string[] = [];
    for (const { name, position, behind } of views) {
      const before = this.seen.get(name);
      const since = before?.position === position && behind !== '0' ? before.since : now;
      this.seen.set(name, { position, since });
      if (now - since < STALLED_MS) continue;
      const seconds = Math.round((now - since) / 1_000);
      notes.push(
        `View ${name} is ${behind} positions behind and has not moved for ${seconds} s: see the projector's log.`,
      );
    }
    return notes;
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
      views: (checkpoints ?? []).map(({ name, position, recordedAt }) => ({
        name,
        position: formatPosition(store.logId, position),
        behind: String(head === undefined || head < position ? 0n : head - position),
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
