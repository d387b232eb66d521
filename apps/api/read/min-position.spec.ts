import { describe, expect, test } from '@jest/globals';
import { formatPosition } from '#libs/event-store/position.js';
import { ProblemError } from '../problem/problem.js';
import { waitUntilVisible } from './min-position.js';

const LOG_ID = '0a1b2c3d';
const log = { logId: LOG_ID, head: () => Promise.resolve(42n) };

/** A view that is caught up or not, and what it was asked. */
function view(caughtUp: boolean) {
  const asked: unknown[] = [];
  return {
    asked,
    waitFor: (...question: readonly unknown[]) => {
      asked.push(question);
      return Promise.resolve(caughtUp);
    },
  };
}

const problemOf = (waiting: Promise<void>) =>
  waiting.then(
    () => undefined,
    (error: unknown) => (error instanceof ProblemError ? error.problem : error),
  );

describe('minPosition', () => {
  test('waits for its view, at most 5 s', async () => {
    const balances = view(true);
    await waitUntilVisible(log, balances, 'balances', formatPosition(LOG_ID, 42n));
    expect(balances.asked).toEqual([['balances', 42n, 5_000]]);
  });

  test('that was not reached: 503 read.not_caught_up', async () => {
    const waiting = waitUntilVisible(log, view(false), 'balances', formatPosition(LOG_ID, 42n));
    expect(await problemOf(waiting)).toMatchObject({ status: 503, code: 'read.not_caught_up' });
  });

  test.each([
    ['malformed', '42'],
    ['of another log', 'ffffffff-42'],
    ['beyond the head', formatPosition(LOG_ID, 43n)],
  ])('%s: 400, and nobody waits', async (_what, text) => {
    const balances = view(true);
    expect(await problemOf(waitUntilVisible(log, balances, 'balances', text))).toMatchObject({
      status: 400,
      code: 'request.invalid',
      errors: [{ field: 'minPosition' }],
    });
    expect(balances.asked).toEqual([]);
  });

  test('left out: the view answers as it is', async () => {
    const balances = view(false);
    await waitUntilVisible(log, balances, 'balances', undefined);
    expect(balances.asked).toEqual([]);
  });
});
