import { AT, charged, logged, paid } from '#test/support/logged-event.js';
import { creatorEarnings, creatorEarningsRows } from './project.js';

const fromPrompt = {
  creatorId: 'c-1',
  accrued: 80n,
  promptSources: 1,
  flowSources: 0,
  firstEarnedAtMs: AT,
  lastEarnedAtMs: AT,
};

test('a payment to a creator is added to what was earned', () => {
  expect(creatorEarnings.project(logged(paid))).toEqual([creatorEarningsRows.change(fromPrompt)]);
  const flow = { ...paid, source: { ...paid.source, kind: 'flow' as const } };
  expect(creatorEarnings.project(logged(flow))).toEqual([
    creatorEarningsRows.change({ ...fromPrompt, promptSources: 0, flowSources: 1 }),
  ]);
});

test('a charge by itself earns nothing yet', () => {
  expect(creatorEarnings.project(logged(charged))).toEqual([]);
});

test('what is earned in a batch is summed', () => {
  const earlier = { ...fromPrompt, firstEarnedAtMs: AT - 9, lastEarnedAtMs: AT - 1 };
  expect(creatorEarningsRows.combine(fromPrompt, earlier)).toEqual({
    creatorId: 'c-1',
    accrued: 160n,
    promptSources: 2,
    flowSources: 0,
    firstEarnedAtMs: AT - 9,
    lastEarnedAtMs: AT,
  });
});
