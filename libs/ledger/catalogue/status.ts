/** Where a publication stands at a moment; `replaced` ones never come into force. */
export const PUBLICATION_STATUSES = ['in_force', 'upcoming', 'past', 'replaced'] as const;
export type PublicationStatus = (typeof PUBLICATION_STATUSES)[number];

interface Dated {
  readonly effectiveFrom: number;
}

/**
 * Each of `all` with its status at `t`. They are rivals, of which one is in force at a time, in the order in which
 * they were published: the last published of those whose moment has come (see `Catalogue`).
 */
export function withStatus<T extends Dated>(
  all: readonly T[],
  t: number,
): readonly { readonly published: T; readonly status: PublicationStatus }[] {
  const inForce = all.findLast(({ effectiveFrom }) => effectiveFrom <= t);
  let nextFrom = Infinity;
  const statuses = all.map((): PublicationStatus => 'replaced');
  for (let i = all.length - 1; i >= 0; i--) {
    const { effectiveFrom } = all[i]!;
    // One that was published later and begins no later takes its place from the first moment on.
    if (effectiveFrom >= nextFrom) continue;
    nextFrom = effectiveFrom;
    if (effectiveFrom > t) statuses[i] = 'upcoming';
    else statuses[i] = all[i] === inForce ? 'in_force' : 'past';
  }
  return all.map((published, i) => ({ published, status: statuses[i]! }));
}
