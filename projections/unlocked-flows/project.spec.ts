import { AT, charged, EVENT_ID, flowRefunded, logged, unlocked } from '#test/support/logged-event.js';
import { flowRefunds, unlockedFlowRows, unlockedFlows } from './project.js';

test('an unlocked flow is one row', () => {
  expect(unlockedFlows.project(logged(unlocked))).toEqual([
    unlockedFlowRows.change({
      position: 42n,
      userId: 'u-1',
      flowId: 'flow-1',
      creatorId: 'c-1',
      price: 7n,
      creatorShare: 6n,
      platformShare: 1n,
      unlockedAtMs: AT,
      eventId: EVENT_ID,
    }),
  ]);
});

test('a refunded flow says when', () => {
  expect(unlockedFlows.project(logged(flowRefunded))).toEqual([
    flowRefunds.change({ userId: 'u-1', flowId: 'flow-1', refundedAtMs: AT + 9 }),
  ]);
});

test('other events unlock nothing', () => {
  expect(unlockedFlows.project(logged(charged))).toEqual([]);
});
