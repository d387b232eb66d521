import { randomBytes } from 'node:crypto';
import { formatPosition } from '#libs/event-store/position.js';
import { err, ok, type Result } from '#libs/kernel/result.js';
import { PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import type { PayoutRun } from '#libs/payouts/runs/run.js';
import { payableCreators, payablePages } from '#projections/creator-earnings/payable-queries.js';
import type { RowRoute } from '../commands/row-gate.js';
import { commandReader } from '../commands/to-command.js';
import { type ApiDeps, LOCAL_PRINCIPAL } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import { WAIT_MS_MAX } from '../read/min-position.js';
import { NoFieldsDto } from './payouts.dto.js';
import { jsonText, runMembers } from './text.js';

const RUN_ID_BYTES = 4;

interface PrepareRun {
  readonly type: 'PreparePayoutRun';
}

interface DecideRun {
  readonly type: 'ApprovePayoutRun' | 'RejectPayoutRun';
  readonly id: string;
}

export const noSuchRun = (id: string): ProblemError =>
  new ProblemError('payout.not_found', `There is no payout run ${id}.`);

/** A run of its own, not of the schedule. */
const manualRunId = (now: number): string =>
  `manual-${new Date(now).toISOString().slice(0, 10)}-${randomBytes(RUN_ID_BYTES).toString('hex')}`;

/**
 * Waits until what creators are owed is known up to now: what was charged, refunded or paid out before counts. Before
 * the transaction, so that requests that wait for one another hold no connection that the first of them needs.
 * @throws ProblemError `read.not_caught_up`
 */
export async function waitForEarnings({ store, reads }: ApiDeps): Promise<void> {
  if (await reads.waitFor('creator-earnings', await store.head(), WAIT_MS_MAX)) return;
  throw new ProblemError('read.not_caught_up', 'What creators are owed is not known up to now.');
}

/** Lists what every creator can be paid now, for finance to approve. */
export const prepareRun = ({
  store: { logId },
  creatorTerms: terms,
  payouts,
}: ApiDeps): RowRoute<PrepareRun> => ({
  read: commandReader({
    fields: NoFieldsDto,
    bodyOptional: true,
    command: (): PrepareRun => ({ type: 'PreparePayoutRun' }),
  }),
  scope: () => 'payout-runs',
  run: async (_command, tx, now) => {
    const runs = new PayoutRuns(tx);
    const runId = manualRunId(now);
    const { position } = await payableCreators(tx, { t: now, terms, after: '', limit: 1 });
    const run = {
      runId,
      judgedAt: now,
      position: formatPosition(logId, position),
      preparedBy: LOCAL_PRINCIPAL,
      rules: { minimum: terms.payoutMinimum, accepts: payouts.accepts },
    };
    if (!(await runs.prepare(tx, run, payablePages(tx, { logId, t: now, terms })))) {
      throw new Error(`Run ${runId} exists already`);
    }
    return reply(await runs.find(runId), runId);
  },
});

const decideRun = (type: DecideRun['type'], state: 'approved' | 'rejected'): RowRoute<DecideRun> => ({
  read: commandReader({
    fields: NoFieldsDto,
    bodyOptional: true,
    path: ['id'],
    command: (_fields, { id }): DecideRun => ({ type, id }),
  }),
  scope: ({ id }) => `payout-run:${id}`,
  run: async ({ id }, tx) => {
    const runs = new PayoutRuns(tx);
    const decided = await runs.decide(tx, id, { state, by: LOCAL_PRINCIPAL });
    const run = await runs.find(id);
    if (run !== undefined && !decided) {
      const message = `names a run that is ${run.state}, not prepared`;
      return err(ProblemError.invalid([{ field: 'id', message }]));
    }
    return reply(run, id);
  },
});

export const APPROVE_RUN = decideRun('ApprovePayoutRun', 'approved');
export const REJECT_RUN = decideRun('RejectPayoutRun', 'rejected');

/** Amounts as strings: the reply is kept as JSON under its key. */
function reply(run: PayoutRun | undefined, id: string): Result<object, ProblemError> {
  if (run === undefined) return err(noSuchRun(id));
  return ok(JSON.parse(jsonText({ run: runMembers(run) })) as object);
}
