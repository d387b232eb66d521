import { durationText, Progress, progressBar, progressText } from './progress.js';

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59, '59 s'],
  [60, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3_720, '1 h 02 min'],
])('%p seconds read %p', (seconds, text) => expect(durationText(seconds)).toBe(text));

test.each([
  [{ done: 0, total: 2_000, seconds: 0 }, '0 / 2,000 rows'],
  [{ done: 0, total: 2_000, seconds: 3 }, '0 / 2,000 rows'],
  [{ done: 1, total: 2_000, seconds: 0.4 }, '1 / 2,000 rows'],
  [{ done: 8_000, total: 19_366, seconds: 2 }, '8,000 / 19,366 rows  4,000 rows/s  3 s left'],
  [{ done: 19_366, total: 19_366, seconds: 4 }, '19,366 / 19,366 rows  4,842 rows/s  done'],
  [{ done: 10, total: 20, seconds: 1, unit: 'events' }, '10 / 20 events  10 events/s  1 s left'],
])('%j', (at, text) => expect(progressText(at)).toBe(text));

describe('the bar', () => {
  const half = { done: 1_000, total: 2_000, seconds: 1 };
  test('of a wide terminal', () =>
    expect(progressBar(half, 120)).toBe(
      `[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  1,000 / 2,000 rows  1,000 rows/s  1 s left`,
    ));
  test('of an empty file is full', () =>
    expect(progressBar({ done: 0, total: 0, seconds: 0 }, 80)).toContain('100 %'));
  test.each([200, 80, 60, 40, 20, 1])('never wider than %p columns', (columns) =>
    expect(progressBar({ done: 123_456, total: 9_999_999, seconds: 10 }, columns).length).toBeLessThanOrEqual(
      columns,
    ),
  );
});

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, written, write: (text: string) => written.push(text) };
}

test('without a terminal there are plain lines: no control characters', () => {
  const output = recorder(false);
  const progress = new Progress(output, 10);
  progress.update(5);
  progress.note('a note');
  progress.end(10);
  expect(output.written.every((text) => /^[\x20-\x7e]+\n$/.test(text))).toBe(true);
  expect(output.written).toContain('a note\n');
});

test('on a terminal one line is drawn over, and a note does not tear it', () => {
  const output = recorder(true);
  const progress = new Progress(output, 10);
  progress.update(5);
  progress.note('a note');
  progress.end(10);
  expect(output.written[0]?.startsWith('\r\u001b[K[')).toBe(true);
  expect(output.written[1]).toBe('\r\u001b[Ka note\n');
  expect(output.written.at(-1)).toBe('\n');
});
