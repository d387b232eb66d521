import { GRADUATED_V2 } from './graduated-v2.js';
import type { PricingPolicy } from './pricing-policy.js';
import { THREE_PART_V1 } from './three-part-v1.js';
import { TOKEN_CREDITS_V0 } from './token-credits-v0.js';

/** Every policy there is: a log names them by id, so none is ever changed or taken away. */
export const POLICIES: readonly PricingPolicy[] = [THREE_PART_V1, GRADUATED_V2, TOKEN_CREDITS_V0];
export const POLICY_IDS: readonly string[] = POLICIES.map(({ id }) => id);

const BY_ID: ReadonlyMap<string, PricingPolicy> = new Map(POLICIES.map((policy) => [policy.id, policy]));

export const policyOf = (id: string): PricingPolicy | undefined => BY_ID.get(id);
