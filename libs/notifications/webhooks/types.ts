import { PUBLIC_EVENT_TYPES, type PublicEvent } from '#libs/contracts/public/public-event.js';

/** What is told to webhooks alone: no event of the log, but a moment that comes by itself. */
export const CREDITS_EXPIRING = 'promptflow.credits.expiring.v1';
/** Sent by hand to try a webhook out; every endpoint takes it. */
export const WEBHOOK_TEST = 'promptflow.webhook.test.v1';

/**
 * Types that a webhook may ask for. A user has a right to every event of their own wallet, and of their own earnings as
 * a creator; whose an event is, its stream says.
 */
export const WEBHOOK_TYPES: readonly string[] = [...PUBLIC_EVENT_TYPES, CREDITS_EXPIRING].sort();

/** What a webhook is sent, as JSON. */
export interface WebhookMessage {
  readonly type: string;
  /** When it happened, ISO 8601 UTC. */
  readonly timestamp: string;
  /** Of the event; absent for what is no event of the log. */
  readonly eventId?: string;
  /** `<logId>-<position>`: rises from event to event of one wallet or creator. Messages may overtake one another. */
  readonly position?: string;
  readonly data: object;
}

/** Of a public event: what Kafka is told too. */
export const messageOf = ({ id, type, time, position, data }: PublicEvent): WebhookMessage => ({
  type,
  timestamp: time,
  eventId: id,
  position,
  data,
});
