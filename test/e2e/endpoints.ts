import type { Endpoint } from './endpoint.js';
import { FLOWS, RUNS } from './endpoints-runs.js';
import { CREDITS, PLANS, PROMPTS, WALLETS } from './endpoints-wallets.js';

/** Every command of a user's wallet, and calculate-cost, which shares its fields. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...WALLETS,
  ...CREDITS,
  ...RUNS,
  ...FLOWS,
  ...PROMPTS,
  ...PLANS,
];
