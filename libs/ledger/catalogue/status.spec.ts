import { withStatus } from './status.js';

const at = (...moments: readonly number[]) => moments.map((effectiveFrom) => ({ effectiveFrom }));
const statuses = (t: number, ...moments: readonly number[]) =>
  withStatus(at(...moments), t).map(({ status }) => status);

describe('where a publication stands', () => {
  test.each([
    ['alone and in force', [0], 10, ['in_force']],
    ['in force from its own millisecond', [0, 10], 10, ['past', 'in_force']],
    ['not the millisecond before', [0, 10], 9, ['in_force', 'upcoming']],
    ['one after another', [0, 10, 20], 5, ['in_force', 'upcoming', 'upcoming']],
    ['put right before its time', [0, 20, 10], 5, ['in_force', 'replaced', 'upcoming']],
    ['put right for the same moment', [0, 20, 20], 5, ['in_force', 'replaced', 'upcoming']],
    ['put right, once it holds', [0, 20, 10], 30, ['past', 'replaced', 'in_force']],
    ['nothing published', [], 5, []],
    ['nothing in force yet', [7], 5, ['upcoming']],
  ])('%s', (_what, moments, t, expected) => {
    expect(statuses(t, ...moments)).toEqual(expected);
  });
});
