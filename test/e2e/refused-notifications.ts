import { randomUUID } from 'node:crypto';
import type { BadRequest } from './bad-request.js';

const MISSING = '5f0c1a2b-3c4d-8e6f-a012-3456789abcde';
const OWNER = { userId: 'u-1' };

const missing = (name: string, path: string, code: string, question: BadRequest['question']): BadRequest => ({
  name,
  path,
  method: 'POST',
  question: { key: randomUUID(), ...question },
  status: 404,
  code,
});

/** Of what nobody has; that of another user answers alike, see http-notifications.spec. */
export const onNotifications: readonly BadRequest[] = [
  ...[MISSING, 'not-an-id-of-ours'].flatMap((id) => [
    missing(`read ${id}`, `/api/notifications/${id}/read`, 'notification.not_found', { body: OWNER }),
    ...['rotate-secret', 'enable', 'test'].map((what) =>
      missing(`${what} ${id}`, `/api/notifications/webhooks/${id}/${what}`, 'webhook.not_found', {
        body: OWNER,
      }),
    ),
    {
      ...missing(`delete ${id}`, `/api/notifications/webhooks/${id}?userId=u-1`, 'webhook.not_found', {}),
      method: 'DELETE' as const,
    },
    missing(`redeliver ${id}`, `/api/notifications/deliveries/${id}/redeliver`, 'delivery.not_found', {
      body: OWNER,
    }),
  ]),
  missing('cancel no campaign', '/api/notifications/campaigns/none/cancel', 'campaign.not_found', {}),
];
