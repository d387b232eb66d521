import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { otherTerms } from '#libs/application/what-if/other-terms.js';
import { whatIf } from '#libs/application/what-if/what-if.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { withLimits } from '../commands/to-command.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { requireNoQuery } from '../http/query.js';
import { sendJson } from '../http/send.js';
import { ApiQuestion } from '../openapi/operations.js';
import { ProblemError, refusalError } from '../problem/problem.js';
import { compileValidator } from '../validation/compile.js';
import { parseUtcTime } from '../validation/fields.js';
import { answerText } from './answer-text.js';
import { pastRuns } from './past-runs.js';
import { selectionErrors, WhatIfDto } from './what-if.dto.js';
import { WhatIfReply } from './what-if.reply.js';

const validate = compileValidator(WhatIfDto);
/** How many users are told apart. */
const USERS_MAX = 20;
/** Each keeps a processor and a connection busy for as long as it takes. */
const RUNNING_MAX = 2;
/** How long a question waits for read models that are behind, as other reads do. */
const WAIT_MS_MAX = 5_000;
const POLL_MS = 50;

@ApiTags('pricing')
@Controller('api/pricing')
export class WhatIfController {
  private running = 0;

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('what-if')
  @ApiQuestion({
    summary: 'Past runs priced again under another policy, rate card or plan table; changes nothing.',
    body: WhatIfDto,
    reply: WhatIfReply,
    codes: ['ratecard.not_found', 'read.not_caught_up', 'service.overloaded', 'service.catching_up'],
  })
  async ask(
    @Req() request: FastifyRequest,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireNoQuery(query);
    const checked = withLimits(validate, request.body, selectionErrors);
    if (!checked.ok) throw ProblemError.invalid(checked.error);
    if (this.running === RUNNING_MAX) {
      throw new ProblemError(
        'service.overloaded',
        `${RUNNING_MAX} of these questions are being answered now.`,
      );
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    this.running++;
    try {
      sendJson(reply, await this.answer(checked.value, gone.signal));
    } catch (error) {
      // Nobody reads the answer any more.
      if (!gone.signal.aborted) throw error;
    } finally {
      this.running--;
    }
  }

  private async answer(dto: WhatIfDto, signal: AbortSignal): Promise<string> {
    const { reads, store } = this.deps;
    // First the runs, then the catalogue: so it knows the terms of every one of them.
    const { position, time } = await this.pastRunsAtHead(signal);
    await this.deps.catalogue.refresh();
    const catalogue = this.deps.catalogue.current();
    const other = otherTerms(dto, catalogue);
    if (!other.ok) throw refusalError(other.error);
    const answer = await whatIf(pastRuns(reads, { upTo: position, signal }), {
      span: { from: parseUtcTime(dto.from) ?? -Infinity, to: parseUtcTime(dto.to) ?? Infinity },
      other: other.value,
      catalogue,
      usersMax: USERS_MAX,
    });
    return answerText(answer, {
      dto,
      other: other.value,
      asOf: { position: formatPosition(store.logId, position), time },
    });
  }

  /** Finance compares the answer with the books: it holds every run there was when it was asked. */
  private async pastRunsAtHead(signal: AbortSignal): Promise<AsOf<undefined>> {
    const { reads, store, clock } = this.deps;
    const head = await store.head();
    const until = clock.now() + WAIT_MS_MAX;
    for (;;) {
      const known = await reads.pastRunsAsOf();
      if (known.position >= head) return known;
      if (clock.now() >= until) {
        throw new ProblemError(
          'read.not_caught_up',
          `Past runs are known up to position ${formatPosition(store.logId, known.position)}, the log ends at ` +
            `${formatPosition(store.logId, head)}.`,
        );
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}
