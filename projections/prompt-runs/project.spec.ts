import {
  AT,
  charged,
  EVENT_ID,
  held,
  logged,
  opened,
  refunded,
  unlocked,
} from '#test/support/logged-event.js';
import { modelTotals, promptRunRows, promptRuns, runRefunds } from './project.js';

test('a charge is one run with every component, and is added to its model', () => {
  expect(
    promptRuns.project(logged({ ...charged, ranAt: AT - 100, holdId: held.holdId, uncollected: 3n })),
  ).toEqual([
    promptRunRows.change({
      position: 42n,
      userId: 'u-1',
      runId: 'run-1',
      promptId: 'prompt-1',
      model: 'gpt-4',
      purpose: 'run',
      byok: false,
      creatorId: 'c-1',
      occurredAtMs: AT,
      ranAtMs: AT - 100,
      inputTokens: 5,
      outputTokens: 3,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      policy: 'three-part-v1',
      rateCard: 'standard',
      rateCardVersion: 1,
      inference: 330n,
      markup: 0n,
      byokFee: 0n,
      creatorShare: 80n,
      platformShare: 19n,
      allowance: 0n,
      uncollected: 3n,
      holdId: 'hold-1',
      eventId: EVENT_ID,
      principal: 'local',
      key: 'key-1',
      bodyHash: 'hash-1',
    }),
    modelTotals.change({
      model: 'gpt-4',
      runs: 1,
      inputTokens: 5,
      outputTokens: 3,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      inference: 330n,
      markup: 0n,
      byokFee: 0n,
      creatorShare: 80n,
      platformShare: 19n,
      allowance: 0n,
    }),
  ]);
});

test('a refund replaces what was refunded of its run by now', () => {
  const row = {
    userId: 'u-1',
    runId: 'run-1',
    inference: 80n,
    markup: 0n,
    byokFee: 0n,
    creatorShare: 25n,
    platformShare: 7n,
  };
  expect(promptRuns.project(logged(refunded))).toEqual([runRefunds.change(row)]);
  expect(runRefunds.combine({ ...row, inference: 1n }, row)).toEqual(row);
});

test('other events are no runs', () => {
  expect(promptRuns.project(logged(opened))).toEqual([]);
  expect(promptRuns.project(logged(unlocked))).toEqual([]);
});

test('totals of a model add up field by field', () => {
  const one = {
    model: 'gpt-4',
    runs: 1,
    inputTokens: 2,
    outputTokens: 3,
    cachedInputTokens: 4,
    cacheWriteTokens: 5,
    inference: 6n,
    markup: 7n,
    byokFee: 8n,
    creatorShare: 9n,
    platformShare: 10n,
    allowance: 11n,
  };
  expect(modelTotals.combine(one, one)).toEqual({
    model: 'gpt-4',
    runs: 2,
    inputTokens: 4,
    outputTokens: 6,
    cachedInputTokens: 8,
    cacheWriteTokens: 10,
    inference: 12n,
    markup: 14n,
    byokFee: 16n,
    creatorShare: 18n,
    platformShare: 20n,
    allowance: 22n,
  });
});
