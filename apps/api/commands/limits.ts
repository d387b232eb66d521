/** Most charges of one bulk request. */
export const BULK_ITEMS_MAX = 10_000;
/** Most bytes of a body, by kind of request. */
export const BODY_BYTES_MAX = 256 * 1024;
export const BULK_BODY_BYTES_MAX = 16 * 1024 * 1024;
export const BULK_PATH = '/api/credits/charge-prompts';
