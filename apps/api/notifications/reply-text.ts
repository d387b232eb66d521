import type { Campaign } from '#libs/notifications/campaigns.js';
import type { InboxMessage } from '#libs/notifications/inbox.js';
import type { Preferences } from '#libs/notifications/preferences.js';
import type { Endpoint } from '#libs/notifications/webhooks/endpoints.js';
import type { Delivery } from '#libs/notifications/webhooks/history.js';
import { timeText } from '../commands/reply.js';

const optionalTime = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : timeText(ms);

/** What follows are members of replies; what is undefined is left out when they are written. */
export const notificationOf = ({ id, kind, title, body, data, at, readAt }: InboxMessage) => ({
  ...{ id, kind, title, body, data },
  at: timeText(at),
  readAt: optionalTime(readAt),
});

export const preferencesOf = ({
  userId,
  email,
  emailVerified,
  bouncedAt,
  locale,
  channels,
}: Preferences) => ({
  ...{ userId, email, emailVerified },
  emailBouncedAt: optionalTime(bouncedAt),
  ...{ locale, channels },
});

export const webhookOf = (endpoint: Endpoint) => ({
  id: endpoint.endpointId,
  url: endpoint.url,
  types: endpoint.types,
  state: endpoint.state,
  disabledFor: endpoint.disabledFor,
  createdAt: timeText(endpoint.createdAt),
  failingSince: optionalTime(endpoint.failingSince),
  disabledAt: optionalTime(endpoint.disabledAt),
  oldSecretUntil: optionalTime(endpoint.oldSecretUntil),
});

export const deliveryOf = (delivery: Delivery) => ({
  id: delivery.deliveryId,
  type: delivery.type,
  state: delivery.state,
  reason: delivery.reason,
  createdAt: timeText(delivery.createdAt),
  dueAt: optionalTime(delivery.dueAt),
  endedAt: optionalTime(delivery.endedAt),
  attempts: delivery.attempts.map(({ number, at, durationMs, outcome, status }) => ({
    number,
    at: timeText(at),
    durationMs: durationMs ?? undefined,
    outcome: outcome ?? undefined,
    status: status ?? undefined,
  })),
});

export const campaignOf = ({ createdAt, endedAt, ...campaign }: Campaign) => ({
  ...campaign,
  createdAt: timeText(createdAt),
  endedAt: optionalTime(endedAt),
});
