import fc from 'fast-check';
import type { Step } from '../ledger/intents.js';
import { printedSeed } from '../property.js';

type Live = (steps: readonly Step[]) => void;

/**
 * Holds when `live` throws for none of the lives. A life that fails is made smaller by leaving steps out for as long
 * as it still fails: what is left is printed step by step, with the seed. Answers the seed.
 */
export function holdsInEveryLife(
  name: string,
  runs: number,
  lives: fc.Arbitrary<readonly Step[]>,
  live: Live,
): number {
  const seed = printedSeed(name, runs);
  let failed: readonly Step[] | undefined;
  const found = fc.check(
    fc.property(lives, (steps) => {
      failed = steps;
      live(steps);
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  if (!found.failed) return seed;
  const smallest = withoutNeedlessSteps(failed!, live);
  const text = smallest.map(
    ({ intent, afterMs }, i) => `${i + 1}. after ${afterMs} ms ${fc.stringify(intent)}`,
  );
  throw new Error(
    `${name} (PROPERTY_SEED=${seed}, run ${found.numRuns}):\n${text.join('\n')}\n${messageOf(failureOf(smallest, live))}`,
  );
}

function withoutNeedlessSteps(steps: readonly Step[], live: Live): readonly Step[] {
  let rest = steps;
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = rest.length - size; from >= 0; from -= size) {
      const without = [...rest.slice(0, from), ...rest.slice(from + size)];
      if (failureOf(without, live) !== undefined) {
        rest = without;
        from = Math.min(from, rest.length);
      }
    }
  }
  // Time that need not pass does not.
  for (let i = 0; i < rest.length; i++) {
    const calm = rest.map((step, j) => (i === j ? { ...step, afterMs: 0 } : step));
    if (failureOf(calm, live) !== undefined) rest = calm;
  }
  return rest;
}

function failureOf(steps: readonly Step[], live: Live): unknown {
  try {
    live(steps);
    return undefined;
  } catch (error) {
    return error ?? new Error('Thrown without a reason');
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
