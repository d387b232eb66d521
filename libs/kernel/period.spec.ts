import { periodEnd, periodName, periodStart } from './period.js';

describe('a period is a calendar month UTC, half-open', () => {
  test.each([
    ['2026-11-20T16:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ])('%s lies in [%s, %s)', (at, from, to) => {
    const t = Date.parse(at);
    expect([new Date(periodStart(t)).toISOString(), new Date(periodEnd(t)).toISOString()]).toEqual([
      from,
      to,
    ]);
    expect(periodName(t)).toBe(from.slice(0, 7));
  });
});
