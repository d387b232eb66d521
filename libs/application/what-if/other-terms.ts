import { err, ok, type Result } from '#libs/kernel/result.js';
import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import { POLICY_IDS, policyOf } from '#libs/ledger/pricing/policies.js';
import { invalidField, type Refusal } from '#libs/ledger/refusal.js';
import type { OtherTerms } from './reprice.js';

/** Names a version of something published; the newest one, in force or not yet, when it names none. */
export interface Selection {
  readonly id: string;
  readonly version?: number;
}

export interface OtherTermsNames {
  readonly policy?: string;
  readonly rateCard?: Selection;
  readonly planTable?: Selection;
}

/** Finds the named terms in the catalogue. Refused with `request.invalid` by field, and `ratecard.not_found`. */
export function otherTerms(names: OtherTermsNames, catalogue: Catalogue): Result<OtherTerms, Refusal> {
  const { policy, rateCard, planTable } = names;
  if (policy === undefined && rateCard === undefined && planTable === undefined) {
    return err(invalidField('policy', 'must be there, or rateCard, or planTable: something has to differ'));
  }
  const other: { -readonly [Key in keyof OtherTerms]: OtherTerms[Key] } = {};
  if (policy !== undefined) {
    const found = policyOf(policy);
    if (found === undefined) return err(invalidField('policy', `must be one of ${POLICY_IDS.join(', ')}`));
    other.policy = found;
  }
  if (rateCard !== undefined) {
    const found = newest(catalogue.rateCards, rateCard);
    if (found === undefined) return err({ code: 'ratecard.not_found' });
    other.rateCard = found;
  }
  if (planTable !== undefined) {
    const found = newest(catalogue.planTables, planTable);
    if (found === undefined) {
      const known = catalogue.planTables.map(({ id, version }) => `${id} version ${version}`).join(', ');
      return err(invalidField('planTable', `must be a published plan table: ${known}`));
    }
    other.planTable = found;
  }
  return ok(other);
}

const newest = <T extends { readonly id: string; readonly version: number }>(
  all: readonly T[],
  { id, version }: Selection,
): T | undefined =>
  all.findLast((each) => each.id === id && (version === undefined || each.version === version));
