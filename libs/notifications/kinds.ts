/** What each kind of notification carries: ids, codes, amounts as decimal strings of credits, times as ISO 8601 UTC. */
export interface NoteData {
  readonly low_balance: { readonly threshold: string; readonly available: string };
  readonly credits_added: {
    readonly amount: string;
    /** purchased, promo or adjustment. */
    readonly origin: string;
    readonly available?: string;
    readonly expiresAt?: string;
  };
  readonly monthly_credits: { readonly amount: string; readonly expiresAt?: string };
  readonly credits_expiring: { readonly lotId: string; readonly amount: string; readonly expiresAt: string };
  readonly plan_changed: { readonly from: string; readonly to: string; readonly cause: string };
  readonly flow_unlocked: { readonly flowId: string; readonly price: string };
  readonly flow_sold: { readonly flowId: string; readonly amount: string };
  /** One a creator and day (UTC); the figures grow during the day. */
  readonly creator_earnings: {
    /** For example 2026-11-20. */
    readonly day: string;
    readonly earned: string;
    readonly runs: number;
    readonly flows: number;
    readonly reversed: string;
    readonly refunds: number;
  };
  readonly payout_sent: { readonly payoutId: string; readonly amount: string };
  readonly payout_failed: { readonly payoutId: string; readonly amount: string; readonly reason: string };
  /** `url` without its query, which may hold a secret. */
  readonly webhook_disabled: { readonly endpointId: string; readonly url: string; readonly reason: string };
  readonly announcement: { readonly title: string; readonly body: string };
}

export type NoteKind = keyof NoteData;

/** Ways in which a person is told. */
export const CHANNELS = ['inApp', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];
export type Channels = Readonly<Record<Channel, boolean>>;

const EVERYWHERE: Channels = { inApp: true, email: true };
const APP_ONLY: Channels = { inApp: true, email: false };

/** What a user gets who has chosen nothing. What they have just done themselves, and what comes each month, is no mail. */
export const DEFAULT_CHANNELS: Readonly<Record<NoteKind, Channels>> = {
  low_balance: EVERYWHERE,
  credits_added: EVERYWHERE,
  monthly_credits: APP_ONLY,
  credits_expiring: EVERYWHERE,
  plan_changed: EVERYWHERE,
  flow_unlocked: APP_ONLY,
  flow_sold: APP_ONLY,
  creator_earnings: EVERYWHERE,
  payout_sent: EVERYWHERE,
  payout_failed: EVERYWHERE,
  webhook_disabled: EVERYWHERE,
  announcement: EVERYWHERE,
};

export const NOTE_KINDS = Object.keys(DEFAULT_CHANNELS) as readonly NoteKind[];

/** Languages that texts are written in. */
export const LOCALES = ['en'] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = 'en';
