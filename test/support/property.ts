import { randomInt } from 'node:crypto';
import fc, { type IAsyncProperty, type IProperty } from 'fast-check';

const SEED_MAX = 2_147_483_647;

/**
 * The seed of a randomised test: `PROPERTY_SEED` from the environment to replay a run, else a fresh one. It is
 * printed with the name of the test, passed or failed.
 */
export function printedSeed(name: string, runs: number): number {
  const seed = Number(process.env['PROPERTY_SEED'] ?? randomInt(SEED_MAX));
  process.stdout.write(`property: ${name}: ${runs} runs, PROPERTY_SEED=${seed}\n`);
  return seed;
}

/** Checks a property with a printed seed. */
export function holds<T>(name: string, runs: number, property: IProperty<T>): void {
  fc.assert(property, { numRuns: runs, seed: printedSeed(name, runs) });
}

/** Checks an asynchronous property with a printed seed. */
export function holdsAsync<T>(name: string, runs: number, property: IAsyncProperty<T>): Promise<void> {
  return fc.assert(property, { numRuns: runs, seed: printedSeed(name, runs) });
}
