import type { PromptCharged } from '#libs/ledger/wallet/events.js';
import {
  appendTable,
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** A charged run. Amounts in credits; fee and total are sums of what is here. */
export interface PromptRunRow {
  readonly position: bigint;
  readonly userId: string;
  readonly runId: string;
  readonly promptId: string | undefined;
  readonly model: string;
  readonly purpose: string;
  readonly byok: boolean;
  readonly creatorId: string | undefined;
  readonly occurredAtMs: number;
  readonly ranAtMs: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly allowance: bigint;
  /** What nobody paid: nothing was left when a hold was settled. */
  readonly uncollected: bigint;
  readonly holdId: string | undefined;
  readonly eventId: string;
  /** Who charged it under which key, and what was asked: tells a repeat from a charge on other terms. */
  readonly principal: string;
  readonly key: string;
  readonly bodyHash: string;
}

export const promptRunRows = appendTable<PromptRunRow>('prompt_runs', [
  'position',
  'userId',
  'runId',
  'promptId',
  'model',
  'purpose',
  'byok',
  'creatorId',
  'occurredAtMs',
  'ranAtMs',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'policy',
  'rateCard',
  'rateCardVersion',
  'inference',
  'markup',
  'byokFee',
  'creatorShare',
  'platformShare',
  'allowance',
  'uncollected',
  'holdId',
  'eventId',
  'principal',
  'key',
  'bodyHash',
]);

/** To be added to the sums of a model. */
export interface ModelTotalRow {
  readonly model: string;
  readonly runs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly allowance: bigint;
}

export const modelTotals = mergeTable<ModelTotalRow>(
  'model_totals',
  [
    'model',
    'runs',
    'inputTokens',
    'outputTokens',
    'cachedInputTokens',
    'cacheWriteTokens',
    'inference',
    'markup',
    'byokFee',
    'creatorShare',
    'platformShare',
    'allowance',
  ],
  {
    key: (row) => row.model,
    combine: (earlier, later) => ({
      model: later.model,
      runs: earlier.runs + later.runs,
      inputTokens: earlier.inputTokens + later.inputTokens,
      outputTokens: earlier.outputTokens + later.outputTokens,
      cachedInputTokens: earlier.cachedInputTokens + later.cachedInputTokens,
      cacheWriteTokens: earlier.cacheWriteTokens + later.cacheWriteTokens,
      inference: earlier.inference + later.inference,
      markup: earlier.markup + later.markup,
      byokFee: earlier.byokFee + later.byokFee,
      creatorShare: earlier.creatorShare + later.creatorShare,
      platformShare: earlier.platformShare + later.platformShare,
      allowance: earlier.allowance + later.allowance,
    }),
    sql: sql('add-model-totals.sql'),
  },
);

/** What was refunded of a run by now, all its refunds together. */
export interface RunRefundRow {
  readonly userId: string;
  readonly runId: string;
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
}

export const runRefunds = mergeTable<RunRefundRow>(
  'prompt_runs',
  ['userId', 'runId', 'inference', 'markup', 'byokFee', 'creatorShare', 'platformShare'],
  {
    key: (row) => `${row.userId} ${row.runId}`,
    combine: (_, later) => later,
    sql: sql('refund-runs.sql'),
  },
);

/**
 * Every charged run with the components of its price and what was refunded of each, and their sums by model. The plan
 * of the moment is not in it: a charge does not say it, and a projection knows one event at a time.
 */
export const promptRuns: Projection = {
  name: 'prompt-runs',
  version: 2,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  // A refund finds the model of its run in the row of the run.
  tables: [promptRunRows, modelTotals, runRefunds],
  project,
};

function project(logged: LoggedEvent): readonly Change[] {
  const { event } = logged;
  switch (event.type) {
    case 'PromptCharged':
      return charged(logged, event);
    case 'PromptRefunded': {
      const { userId, runId, refunded } = event;
      const { inference, markup, byokFee, creatorShare, platformShare } = refunded;
      return [runRefunds.change({ userId, runId, inference, markup, byokFee, creatorShare, platformShare })];
    }
    default:
      return [];
  }
}

function charged({ metadata, id, position }: LoggedEvent, event: PromptCharged): readonly Change[] {
  const { model, inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = event;
  const { inference, markup, byokFee, creatorShare, platformShare, allowance } = event;
  const tokens = { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens };
  const price = { inference, markup, byokFee, creatorShare, platformShare, allowance };
  return [
    promptRunRows.change({
      position,
      userId: event.userId,
      runId: event.runId,
      promptId: event.promptId,
      model,
      purpose: event.purpose,
      byok: event.byok,
      creatorId: event.creatorId,
      occurredAtMs: event.at,
      ranAtMs: event.ranAt,
      ...tokens,
      policy: event.policy,
      rateCard: event.rateCard,
      rateCardVersion: event.rateCardVersion,
      ...price,
      uncollected: event.uncollected,
      holdId: event.holdId,
      eventId: id,
      principal: metadata.principal,
      key: metadata.key,
      bodyHash: metadata.bodyHash,
    }),
    modelTotals.change({ model, runs: 1, ...tokens, ...price }),
  ];
}
