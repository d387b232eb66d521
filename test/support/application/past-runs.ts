import type { PastRun } from '#libs/application/what-if/past-run.js';
import { type OtherTerms } from '#libs/application/what-if/reprice.js';
import { type Span, whatIf } from '#libs/application/what-if/what-if.js';
import { createCatalogue } from '#libs/ledger/catalogue/catalogue.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { policyOf } from '#libs/ledger/pricing/policies.js';
import { priceRun } from '#libs/ledger/pricing/policy.js';

export const MARCH = Date.UTC(2026, 2, 1);
export const DAY_MS = 86_400_000;

/** The shipped catalogue; from 10 March 2026 BYOK runs pay 5 %, from 20 March 7 %. */
export const CATALOGUE = createCatalogue([
  ...seedEvents(),
  ...[500n, 700n].map((byokFeeBasisPoints, i) => ({
    type: 'PolicyActivated' as const,
    at: MARCH,
    version: i + 2,
    effectiveFrom: MARCH + (9 + 10 * i) * DAY_MS,
    policyId: 'three-part-v1',
    cardId: 'standard',
    byokFeeBasisPoints,
  })),
]);

export interface Charge {
  readonly userId?: string;
  readonly plan?: PastRun['plan'];
  readonly model?: string;
  readonly at?: number;
  readonly ranAt?: number;
  readonly tokens?: number;
  readonly fee?: bigint;
  readonly byok?: boolean;
  readonly policy?: string;
  readonly rateCard?: string;
  readonly refunded?: PastRun['refunded'];
}

let runs = 0;

/** A run charged by its own terms, as the ledger would have charged it. */
export function charged(charge: Charge = {}): PastRun {
  const { userId = 'u-1', plan = 'PRO', model = 'gpt-4', at = MARCH, tokens = 1_000, fee = 0n } = charge;
  const { byok = false, policy = 'three-part-v1', rateCard = 'standard', ranAt, refunded } = charge;
  const counts = { inputTokens: tokens, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const creator = fee === 0n ? {} : { creatorId: 'c-1' };
  const terms = {
    rateCard: CATALOGUE.rateCard(rateCard, 1)!,
    policy: policyOf(policy)!,
    byokFeeBasisPoints: CATALOGUE.activationAt(at)!.byokFeeBasisPoints,
    planCredit: CATALOGUE.plansAt(at).planCredit,
  };
  const price = priceRun({ model, tokens: counts, byok, payer: userId, creatorFee: fee, ...creator }, terms);
  if (price === undefined) throw new Error(`${model} has no price on ${rateCard}`);
  const { monthly } = STANDARD_PLANS.plans[plan];
  return {
    userId,
    runId: `run-${++runs}`,
    plan,
    at,
    model,
    byok,
    tokens: counts,
    policy,
    rateCard,
    rateCardVersion: 1,
    price,
    allowance: monthly.kind === 'unlimited' ? price.total - price.creatorFee : 0n,
    ...creator,
    ...(ranAt === undefined ? {} : { ranAt }),
    ...(refunded === undefined ? {} : { refunded }),
  };
}

const ALWAYS: Span = { from: 0, to: Number.MAX_SAFE_INTEGER };

async function* paged(all: readonly PastRun[], size = 3): AsyncGenerator<readonly PastRun[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

/** Prices the runs again, over all time and with 20 users told apart unless said. */
export const ask = (
  all: readonly PastRun[],
  other: OtherTerms,
  more: { span?: Span; usersMax?: number } = {},
) => whatIf(paged(all), { span: ALWAYS, usersMax: 20, catalogue: CATALOGUE, ...more, other });
