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

/** Every charged run with the components of its price, and their sums by model. */
export const promptRuns: Projection = {
  name: 'prompt-runs',
  version: 1,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  tables: [promptRunRows, modelTotals],
  project,
};

function project({ event, metadata, id, position }: LoggedEvent): readonly Change[] {
  if (event.type !== 'PromptCharged') return [];
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
      eventId: id,
      principal: metadata.principal,
      key: metadata.key,
      bodyHash: metadata.bodyHash,
    }),
    modelTotals.change({ model, runs: 1, ...tokens, ...price }),
  ];
}
