import { bought, charged, logged, paid, registered } from '#test/support/logged-event.js';
import { commandOutcomes, outcomes, usedIds } from './project.js';

const outcome = {
  stream: 'wallet-u-1',
  key: 'key-1',
  principal: 'local',
  bodyHash: 'hash-1',
  firstRevision: 3,
  lastRevision: 3,
  firstPosition: 42n,
  lastPosition: 42n,
};

const use = (id: string) => usedIds.change({ position: 42n, revision: 3, stream: 'wallet-u-1', id });

test.each([
  [bought, ['payment:pay-1']],
  [charged, ['run:run-1']],
  [paid, []],
  [registered, []],
])('$type says what its key did and which ids it used', (event, ids) => {
  expect(commandOutcomes.project(logged(event))).toEqual([outcomes.change(outcome), ...ids.map(use)]);
});

test('the version that readers ask for is that of the views', () => {
  expect(commandOutcomes.viewsSql).toContain(`select ${commandOutcomes.version} as version`);
});

test('the events of a command in one batch are one row', () => {
  const next = { ...outcome, firstRevision: 4, lastRevision: 4, firstPosition: 43n, lastPosition: 43n };
  expect(outcomes.combine(outcome, next)).toEqual({ ...outcome, lastRevision: 4, lastPosition: 43n });
});

test('another stream, key or principal is another command', () => {
  const keys = [
    outcome,
    { ...outcome, stream: 'wallet-u-2' },
    { ...outcome, key: 'key-2' },
    { ...outcome, principal: 'other' },
  ].map((row) => outcomes.key(row));
  expect(new Set(keys).size).toBe(4);
});
