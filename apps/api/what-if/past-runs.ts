import type { PastRun } from '#libs/application/what-if/past-run.js';
import type { Position } from '#libs/event-store/port.js';
import { splitFee } from '#libs/kernel/credits.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { FIRST_PAST_RUN, type PastRunView } from '#projections/plan-changes/queries.js';
import type { ReadModels } from '../read/read-models.js';

/** Each page is one short statement and a few milliseconds of sums: other requests go between. */
const PAGE_RUNS = 2_000;

interface PastRunsOptions {
  readonly upTo: Position;
  /** Ends the reading with its reason. */
  readonly signal: AbortSignal;
  readonly pageRuns?: number;
}

/**
 * Every run charged at or before a position, user by user, page by page: by the key of the view rather than through the
 * log, because one user at a time is what keeps memory constant, and exact, however many users there are.
 */
export async function* pastRuns(
  reads: Pick<ReadModels, 'pagePastRuns'>,
  { upTo, signal, pageRuns = PAGE_RUNS }: PastRunsOptions,
): AsyncGenerator<readonly PastRun[]> {
  let after = FIRST_PAST_RUN;
  for (;;) {
    signal.throwIfAborted();
    const page = await reads.pagePastRuns(after, { upTo, limit: pageRuns });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(pastRunOf);
    if (page.length < pageRuns) return;
    after = { userId: last.userId, runId: last.runId };
  }
}

function pastRunOf(view: PastRunView): PastRun {
  const { inference, markup, byokFee, creatorShare, platformShare } = view;
  const creatorFee = creatorShare + platformShare;
  const plan = PLAN_NAMES.find((name) => name === view.plan);
  if (plan === undefined) throw new Error(`Run ${view.runId} was charged on an unknown plan, ${view.plan}.`);
  return {
    userId: view.userId,
    runId: view.runId,
    plan,
    at: view.at,
    model: view.model,
    byok: view.byok,
    tokens: {
      inputTokens: view.inputTokens,
      outputTokens: view.outputTokens,
      cachedInputTokens: view.cachedInputTokens,
      cacheWriteTokens: view.cacheWriteTokens,
    },
    policy: view.policy,
    rateCard: view.rateCard,
    rateCardVersion: view.rateCardVersion,
    price: {
      inference,
      markup,
      byokFee,
      creatorFee,
      ...splitFee(creatorFee),
      total: inference + markup + byokFee + creatorFee,
    },
    allowance: view.allowance,
    ...(view.ranAt === undefined ? {} : { ranAt: view.ranAt }),
    ...(view.creatorId === undefined ? {} : { creatorId: view.creatorId }),
    ...(view.refunded === undefined ? {} : { refunded: view.refunded }),
  };
}
