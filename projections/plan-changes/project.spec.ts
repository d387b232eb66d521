import { AT, charged, logged, opened } from '#test/support/logged-event.js';
import { planChangeRows, planChanges } from './project.js';

test('an opening begins the first plan', () => {
  expect(planChanges.project(logged(opened))).toEqual([
    planChangeRows.change({ position: 42n, userId: 'u-1', plan: 'PRO', occurredAtMs: AT }),
  ]);
});

test('a change begins the next one', () => {
  const changed = {
    type: 'PlanChanged' as const,
    userId: opened.userId,
    at: AT + 1,
    from: 'PRO' as const,
    to: 'ELITE' as const,
    cause: 'upgrade' as const,
    coverage: 'paid' as const,
    planTable: 'standard',
    planTableVersion: 1,
  };
  expect(planChanges.project(logged(changed))).toEqual([
    planChangeRows.change({ position: 42n, userId: 'u-1', plan: 'ELITE', occurredAtMs: AT + 1 }),
  ]);
});

test('other events change no plan', () => {
  expect(planChanges.project(logged(charged))).toEqual([]);
});
