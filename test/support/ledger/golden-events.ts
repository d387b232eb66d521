import { CATALOGUE } from './golden-events/catalogue.js';
import { CHARGES } from './golden-events/charges.js';
import type { GoldenEvents } from './golden-events/common.js';
import { CREATORS } from './golden-events/creators.js';
import { HOLDS } from './golden-events/holds.js';
import { LOTS } from './golden-events/lots.js';
import { PAYMENTS } from './golden-events/payments.js';
import { PROMPTS } from './golden-events/prompts.js';
import { REFUNDS } from './golden-events/refunds.js';
import { WALLET_LIFE } from './golden-events/wallet-life.js';

/**
 * What the stored examples say: every optional field present, no amount zero but where an older form of the same
 * version had no such field.
 */
export const GOLDEN_EVENTS: GoldenEvents = {
  ...WALLET_LIFE,
  ...LOTS,
  ...HOLDS,
  ...CHARGES,
  ...REFUNDS,
  ...PROMPTS,
  ...PAYMENTS,
  ...CREATORS,
  ...CATALOGUE,
};
