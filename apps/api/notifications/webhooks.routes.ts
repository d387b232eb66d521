import type { ClientBase, Pool } from 'pg';
import { err, ok, type Result } from '#libs/kernel/result.js';
import {
  createEndpoint,
  deleteEndpoint,
  enableEndpoint,
  type Endpoint,
  ENDPOINTS_MAX,
  listEndpoints,
  rotateSecret,
  secretOf,
  sendTest,
} from '#libs/notifications/webhooks/endpoints.js';
import { redeliver } from '#libs/notifications/webhooks/history.js';
import { parseTarget } from '#libs/notifications/webhooks/target.js';
import type { RowRoute } from '../commands/row-gate.js';
import { commandReader } from '../commands/to-command.js';
import { ProblemError } from '../problem/problem.js';
import { isRowId } from './ids.js';
import { NewWebhookDto, NotificationOwnerDto } from './notifications.dto.js';
import { webhookOf } from './reply-text.js';

interface OfWebhook {
  readonly type: string;
  readonly userId: string;
  readonly id: string;
}

type Outcome = Promise<Result<object, ProblemError>>;

const scope = ({ userId }: { readonly userId: string }): string => `webhooks:${userId}`;

const invalid = (field: string, message: string) => err(ProblemError.invalid([{ field, message }]));

/** Does something with a webhook of the user's own. */
async function withWebhook(
  tx: ClientBase,
  { userId, id }: OfWebhook,
  now: number,
  work: (endpoint: Endpoint) => Outcome,
): Outcome {
  const [endpoint] = isRowId(id) ? await listEndpoints(tx, { userId, endpointId: id }, now) : [];
  return endpoint === undefined ? err(new ProblemError('webhook.not_found')) : work(endpoint);
}

const asItIs = async (tx: ClientBase, { userId, id }: OfWebhook, now: number): Promise<object> => {
  const [endpoint] = await listEndpoints(tx, { userId, endpointId: id }, now);
  return { webhook: webhookOf(endpoint!) };
};

const ofWebhook = (type: string, from: 'body' | 'query' = 'body') =>
  commandReader({
    fields: NotificationOwnerDto,
    from,
    path: ['id'],
    command: ({ userId }, { id }): OfWebhook => ({ type, userId, id }),
  });

/** Kept with the key in place of the secret itself, and never shown. */
const SECRET_ID = 'secretId';

/** The secret, while it is the valid one. */
const revealSecret =
  (database: Pool) =>
  async (reply: Readonly<Record<string, unknown>>): Promise<object> => {
    const secret = await secretOf(database, String(reply[SECRET_ID]));
    return { [SECRET_ID]: undefined, secret };
  };

interface Create {
  readonly type: 'CreateWebhook';
  readonly userId: string;
  readonly url: string;
  readonly types: readonly string[];
}

export function createWebhook(database: Pool, allowedHosts: readonly string[]): RowRoute<Create> {
  return {
    read: commandReader({
      fields: NewWebhookDto,
      judge: ({ url }) => {
        const target = parseTarget(url, allowedHosts);
        return target.ok ? [] : [{ field: 'url', message: target.error }];
      },
      command: ({ userId, url, types }): Create => ({ type: 'CreateWebhook', userId, url, types }),
    }),
    scope,
    run: async ({ userId, url, types }, tx, now) => {
      const made = await createEndpoint(tx, { userId, url, types }, now);
      if (made === undefined) {
        return invalid('userId', `has ${ENDPOINTS_MAX} webhooks, the most there may be: delete one first`);
      }
      const { endpointId: id } = made;
      return ok({ ...(await asItIs(tx, { type: '', userId, id }, now)), [SECRET_ID]: made.made.secretId });
    },
    reveal: revealSecret(database),
  };
}

export const rotateWebhookSecret = (database: Pool): RowRoute<OfWebhook> => ({
  read: ofWebhook('RotateWebhookSecret'),
  scope,
  run: (command, tx, now) =>
    withWebhook(tx, command, now, async ({ endpointId }) => {
      const { secretId } = await rotateSecret(tx, endpointId, now);
      return ok({ ...(await asItIs(tx, command, now)), [SECRET_ID]: secretId });
    }),
  reveal: revealSecret(database),
});

export const DELETE_WEBHOOK: RowRoute<OfWebhook> = {
  read: ofWebhook('DeleteWebhook', 'query'),
  scope,
  run: (command, tx, now) =>
    withWebhook(tx, command, now, async ({ endpointId }) => {
      await deleteEndpoint(tx, endpointId);
      return ok({ id: endpointId });
    }),
};

export const ENABLE_WEBHOOK: RowRoute<OfWebhook> = {
  read: ofWebhook('EnableWebhook'),
  scope,
  run: (command, tx, now) =>
    withWebhook(tx, command, now, async ({ endpointId }) => {
      await enableEndpoint(tx, endpointId);
      return ok(await asItIs(tx, command, now));
    }),
};

const SWITCHED_OFF = 'is switched off: enable the webhook first';

export const TEST_WEBHOOK: RowRoute<OfWebhook> = {
  read: ofWebhook('TestWebhook'),
  scope,
  run: (command, tx, now) =>
    withWebhook(tx, command, now, async ({ endpointId, state }) => {
      if (state === 'disabled') return invalid('id', SWITCHED_OFF);
      return ok({ deliveryId: await sendTest(tx, { userId: command.userId, endpointId }, now) });
    }),
};

export const REDELIVER: RowRoute<OfWebhook> = {
  read: ofWebhook('Redeliver'),
  scope,
  run: async ({ userId, id }, tx, now) => {
    const outcome = isRowId(id) ? await redeliver(tx, { userId, deliveryId: id }, now) : 'not_found';
    if (outcome === 'not_found') return err(new ProblemError('delivery.not_found'));
    if (outcome === 'endpoint_disabled') return invalid('id', SWITCHED_OFF);
    return ok({ deliveryId: id });
  },
};
