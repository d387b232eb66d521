import type { LedgerEvent } from '#libs/ledger/events.js';
import { CATALOGUE } from './arbitrary-events/catalogue.js';
import { CHARGES, HOLDS } from './arbitrary-events/charges.js';
import type { ArbitraryEvents } from './arbitrary-events/common.js';
import { CREATORS } from './arbitrary-events/creators.js';
import { LOTS } from './arbitrary-events/lots.js';
import { PAYMENTS } from './arbitrary-events/payments.js';
import { PROMPTS, THRESHOLDS } from './arbitrary-events/prompts.js';
import { REFUNDS } from './arbitrary-events/refunds.js';
import { PLANS, WALLET_LIFE } from './arbitrary-events/wallet-life.js';

/** Every event that can be stored, field by field: not only those the deciders happen to make. */
export const ARBITRARY_EVENTS: ArbitraryEvents<LedgerEvent> = {
  ...WALLET_LIFE,
  ...PLANS,
  ...LOTS,
  ...HOLDS,
  ...CHARGES,
  ...REFUNDS,
  ...PROMPTS,
  ...THRESHOLDS,
  ...PAYMENTS,
  ...CREATORS,
  ...CATALOGUE,
};
