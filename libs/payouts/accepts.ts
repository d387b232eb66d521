/** Provider name of destinations that are connected accounts of Stripe. */
export const STRIPE = 'stripe';

/**
 * Whether the configured way of paying reaches a destination that finance verified with this provider name: connected
 * accounts through Stripe alone, everything else by bank file.
 */
export const acceptsDestination = (configured: 'file' | 'stripe', provider: string): boolean =>
  (configured === 'stripe') === (provider === STRIPE);
