import { Inject, Injectable } from '@nestjs/common';
import { formatPosition } from '#libs/event-store/position.js';
import { periodEnd } from '#libs/kernel/period.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import type { CreatorEarnings, CreatorPayout } from '#projections/creator-earnings/queries.js';
import {
  type AmountAndCount,
  type CreatorStatement,
  statementOf,
} from '#projections/creator-earnings/statement.js';
import { membersText, timeText } from '../commands/reply.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import type { CursorScope } from '../read/cursor.js';
import { waitUntilVisible } from '../read/min-position.js';
import { checked, limitOf, pageOf, placeOf } from '../read/pages.js';
import { CreatorPathDto, PositionQueryDto } from '../read/queries.dto.js';
import { compileValidator } from '../validation/compile.js';
import { PayoutsQueryDto, StatementQueryDto } from './creators.dto.js';

const validateCreator = compileValidator(CreatorPathDto, 'path');
const validatePosition = compileValidator(PositionQueryDto, 'query');
const validatePayouts = compileValidator(PayoutsQueryDto, 'query');
const validateStatement = compileValidator(StatementQueryDto, 'query');

/** Answers what a creator has earned and been paid, as JSON text. Every method throws ProblemError for bad input. */
@Injectable()
export class CreatorReads {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  /** Split between accrued and payable as it stands now. */
  async earnings(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validateCreator, path);
    await this.waitFor(checked(validatePosition, query).minPosition);
    const now = this.deps.clock.now();
    const { value, position } = await this.read(id, now);
    if (value === undefined) throw new ProblemError('creator.not_found');
    const { nextMaturityAt, promptSources, flowSources, destination } = value;
    return objectText({
      creatorId: id,
      earned: value.earned,
      accrued: value.accrued,
      payable: value.payable,
      inPayout: value.inPayout,
      paid: value.paid,
      reversed: value.reversed,
      nextMaturityAt: nextMaturityAt === undefined ? undefined : timeText(nextMaturityAt),
      destination,
      promptSources: Number(promptSources),
      flowSources: Number(flowSources),
      asOf: { ...this.asOf(position), time: timeText(now) },
    });
  }

  /** A page of payouts, the newest first. */
  async payouts(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validateCreator, path);
    const { minPosition, limit, cursor } = checked(validatePayouts, query);
    const scope: CursorScope = ['payouts', id];
    const before = placeOf(this.deps.signingKey, scope, cursor);
    await this.waitFor(minPosition);
    const count = limitOf(limit);
    const found = await this.deps.reads.payouts({
      creatorId: id,
      limit: count + 1,
      ...(before === undefined ? {} : { before }),
    });
    if (found.value.length === 0) await this.requireCreator(id);
    const { rows, nextCursor } = pageOf(found.value, count, {
      key: this.deps.signingKey,
      scope,
      place: ({ position }) => position,
    });
    return objectText({
      creatorId: id,
      items: rows.map(payoutOf),
      nextCursor,
      asOf: this.asOf(found.position),
    });
  }

  /** A month of the books: final once an event of a later month is in the log. */
  async statement(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validateCreator, path);
    const { month, minPosition } = checked(validateStatement, query);
    await this.waitFor(minPosition);
    const from = Date.parse(`${month}-01T00:00:00.000Z`);
    const found = await this.deps.reads.statement(id, from);
    if (found.value === undefined) await this.requireCreator(id);
    const until = periodEnd(from);
    return objectText({
      creatorId: id,
      month,
      from: timeText(from),
      until: timeText(until),
      final: found.time >= until,
      ...statementMembers(found.value ?? statementOf([])),
      asOf: this.asOf(found.position),
    });
  }

  private read(id: string, now: number): Promise<AsOf<CreatorEarnings | undefined>> {
    return this.deps.reads.earnings(id, { t: now, terms: this.deps.creatorTerms });
  }

  private asOf(position: bigint): { readonly position: string } {
    return { position: formatPosition(this.deps.store.logId, position) };
  }

  private waitFor(minPosition: string | undefined): Promise<void> {
    return waitUntilVisible(this.deps.store, this.deps.reads, 'creator-earnings', minPosition);
  }

  /** Nothing to show is only an answer for a creator that exists. */
  private async requireCreator(id: string): Promise<void> {
    const { value } = await this.read(id, this.deps.clock.now());
    if (value === undefined) throw new ProblemError('creator.not_found');
  }
}

const objectText = (members: object): string => `{${membersText(members).slice(1)}}`;

const timeOf = (t: number | undefined): string | undefined => (t === undefined ? undefined : timeText(t));

const payoutOf = (payout: CreatorPayout): object => ({
  payoutId: payout.payoutId,
  amount: payout.amount,
  state: payout.state,
  provider: payout.provider,
  destination: payout.destination,
  requestedAt: timeText(payout.requestedAt),
  sentAt: timeOf(payout.sentAt),
  settledAt: timeOf(payout.settledAt),
  failedAt: timeOf(payout.failedAt),
  reference: payout.reference,
  failedFrom: payout.failedFrom,
  reason: payout.reason,
});

const sumOf = ({ amount, count }: AmountAndCount): object => ({ amount, count: Number(count) });

function statementMembers({
  opening,
  closing,
  earned,
  reversed,
  funding,
  payouts,
}: CreatorStatement): object {
  return {
    opening,
    earned: {
      total: earned.promptRuns.amount + earned.flowUnlocks.amount,
      promptRuns: sumOf(earned.promptRuns),
      flowUnlocks: sumOf(earned.flowUnlocks),
    },
    reversed: {
      total: reversed.promptRuns.amount + reversed.flowUnlocks.amount,
      promptRuns: sumOf(reversed.promptRuns),
      flowUnlocks: sumOf(reversed.flowUnlocks),
    },
    funding,
    payouts: {
      requested: sumOf(payouts.requested),
      sent: sumOf(payouts.sent),
      settled: sumOf(payouts.settled),
      failed: sumOf(payouts.failed),
    },
    closing,
  };
}
