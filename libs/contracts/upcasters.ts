import type { StoredFields } from './fields.js';

/** One step from an old version of a stored event to the next: what the old writer meant, in the new fields. */
export interface Upcaster {
  /** Stored type with version, such as `WalletOpened.v1`. */
  readonly from: string;
  readonly to: string;
  upcast(fields: StoredFields): StoredFields;
}

/** Every step there is. A log is read for ever: none is removed, and none changes what it makes of an old event. */
export const UPCASTERS: readonly Upcaster[] = [
  {
    from: 'WalletOpened.v1',
    to: 'WalletOpened.v2',
    // Before v2 any plan could be opened without a payment, so a paid one was granted.
    upcast: (fields) => ({ ...fields, coverage: fields['plan'] === 'FREE' ? 'free' : 'granted' }),
  },
];

/** The versions of a stored event that can be read, and the way of each to the newest. */
export interface Upcasting {
  /** Oldest first, `newest` last. */
  readonly versions: readonly string[];
  /** Brings the fields of one of these versions to the newest; those of the newest are returned as they are. */
  toNewest(version: string, fields: StoredFields): StoredFields;
}

/**
 * Follows the steps back from the newest version of one event type.
 * @throws when two steps lead to the same version, or a chain does not end
 */
export function upcastingOf(newest: string, steps: readonly Upcaster[] = UPCASTERS): Upcasting {
  const versions = [newest];
  const chain: Upcaster[] = [];
  for (let step = stepTo(newest, steps); step !== undefined; step = stepTo(step.from, steps)) {
    if (versions.includes(step.from))
      throw new Error(`Upcasters of ${newest}: ${step.from} leads to itself.`);
    versions.unshift(step.from);
    chain.unshift(step);
  }
  return {
    versions,
    toNewest: (version, fields) =>
      chain.slice(versions.indexOf(version)).reduce((read, step) => step.upcast(read), fields),
  };
}

function stepTo(version: string, steps: readonly Upcaster[]): Upcaster | undefined {
  const [step, ...others] = steps.filter(({ to }) => to === version);
  if (others.length > 0) throw new Error(`Upcasters: more than one leads to ${version}; keep one.`);
  return step;
}
