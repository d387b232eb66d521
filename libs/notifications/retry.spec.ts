import { MAIL_SCHEDULE, pauseAfter, WEBHOOK_SCHEDULE } from './retry.js';

const HOUR_MS = 60 * 60 * 1_000;

test.each([
  ['webhooks', WEBHOOK_SCHEDULE, 3 * 24],
  ['mails', MAIL_SCHEDULE, 2 * 24],
])('%s: pauses grow, and end', (_name, schedule, hours) => {
  expect([...schedule].sort((a, b) => a - b)).toEqual(schedule);
  expect(schedule.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(hours * HOUR_MS);
  expect(pauseAfter(schedule, schedule.length + 1)).toBeUndefined();
});

test('a pause is a little longer by chance', () => {
  expect(pauseAfter(WEBHOOK_SCHEDULE, 1, () => 0)).toBe(5_000);
  expect(pauseAfter(WEBHOOK_SCHEDULE, 1, () => 1)).toBe(6_000);
});
