import { creatorIdsOf } from './creator/ids.js';
import type { LedgerEvent } from './events.js';
import { walletIdsOf } from './wallet/ids.js';

const NO_IDS: readonly string[] = [];

/** Business ids that an event uses up in its stream, such as `run:<runId>`: a second fence behind idempotency keys. */
export function businessIdsOf(event: LedgerEvent): readonly string[] {
  switch (event.type) {
    case 'CreatorPaid':
    case 'CreatorEarningsReversed':
    case 'PayoutDestinationVerified':
    case 'PayoutRequested':
    case 'PayoutSent':
    case 'PayoutSettled':
    case 'PayoutFailed':
      return creatorIdsOf(event);
    case 'PaymentRegistered':
    case 'RateCardPublished':
    case 'PolicyActivated':
    case 'PlansPublished':
      return NO_IDS;
    default:
      return walletIdsOf(event);
  }
}
