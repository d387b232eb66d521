import type { CatalogueEvent } from './catalogue/events.js';
import type { CreatorEvent } from './creator/events.js';
import type { PaymentEvent } from './payment/payment.js';
import type { WalletEvent } from './wallet/events.js';

/** Every event of the ledger. */
export type LedgerEvent = WalletEvent | CreatorEvent | PaymentEvent | CatalogueEvent;
export type LedgerEventType = LedgerEvent['type'];

export const walletStream = (userId: string): string => `wallet-${userId}`;
export const creatorStream = (creatorId: string): string => `creator-${creatorId}`;
export const paymentStream = (paymentId: string): string => `payment-${paymentId}`;
export const rateCardStream = (cardId: string): string => `ratecard-${cardId}`;
export const policyStream = (policyId: string): string => `policy-${policyId}`;
export const plansStream = (tableId: string): string => `plans-${tableId}`;
