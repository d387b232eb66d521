/** Most charges of one bulk request. */
export const BULK_ITEMS_MAX = 10_000;
/** Most bytes of a body, by kind of request. */
export const BODY_BYTES_MAX = 256 * 1024;
export const BULK_BODY_BYTES_MAX = 16 * 1024 * 1024;
export const BULK_PATH = '/api/credits/charge-prompts';
/** Its body is judged by the bytes, as they were signed. */
export const STRIPE_WEBHOOK_PATH = '/api/payouts/webhooks/stripe';
/** Most charges of one wallet in a bulk that is atomic per wallet: one append holds them. */
export const BULK_WALLET_ITEMS_MAX = 200;
