import type { Endpoint } from './endpoint.js';
import { NOTIFICATIONS } from './endpoints-notifications.js';
import { CATALOGUE, CREATORS, MIGRATIONS, PAYOUT_RUNS } from './endpoints-others.js';
import { FLOWS, RUNS } from './endpoints-runs.js';
import { CREDITS, PLANS, PROMPTS, WALLETS } from './endpoints-wallets.js';

/** Every command and every question with a body; the bulk of charges has tests of its own. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...WALLETS,
  ...CREDITS,
  ...RUNS,
  ...FLOWS,
  ...PROMPTS,
  ...PLANS,
  ...CREATORS,
  ...PAYOUT_RUNS,
  ...CATALOGUE,
  ...MIGRATIONS,
  ...NOTIFICATIONS,
];
