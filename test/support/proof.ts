import { appendFileSync } from 'node:fs';

/**
 * The proofs of the guarantees run in two sizes: short with every `npm test`, and in full, with the figures that a
 * release must show, by `npm run prove -- --full`.
 */
export const IS_FULL_PROOF = process.env['PROVE_SIZE'] === 'full';

export const sized = <T>(sizes: { readonly everyday: T; readonly full: T }): T =>
  IS_FULL_PROOF ? sizes.full : sizes.everyday;

/** How long a test of a proof may take, ms. */
export const patience = (sizes: { readonly everyday: number; readonly full: number }): number => sized(sizes);

export interface ProofLine {
  /** As in the table of guarantees: `G4`. */
  readonly guarantee: string;
  readonly proof: string;
  readonly figures: Readonly<Record<string, number | string>>;
  /** Replays it, as `PROPERTY_SEED`. */
  readonly seed?: number;
}

/** Prints what was shown, and hands it to the report of `npm run prove` when there is one. */
export function showed(line: ProofLine): void {
  const figures = Object.entries(line.figures).map(([name, figure]) => `${name} ${figure}`);
  process.stdout.write(`proof: ${line.guarantee}: ${line.proof}: ${figures.join(', ')}\n`);
  const file = process.env['PROVE_LINES_FILE'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
