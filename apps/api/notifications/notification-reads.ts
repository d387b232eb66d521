import { Inject, Injectable } from '@nestjs/common';
import { type Campaign, readCampaigns } from '#libs/notifications/campaigns.js';
import { countUnread, listInbox } from '#libs/notifications/inbox.js';
import { type Preferences, readPreferences } from '#libs/notifications/preferences.js';
import { type Endpoint, listEndpoints } from '#libs/notifications/webhooks/endpoints.js';
import { listDeliveries } from '#libs/notifications/webhooks/history.js';
import { countPlans } from '#projections/balances/notice-queries.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import type { CursorScope } from '../read/cursor.js';
import { checked, limitOf, pageOf, placeOf } from '../read/pages.js';
import { compileValidator } from '../validation/compile.js';
import { foundOr, isRowId } from './ids.js';
import {
  DeliveriesQueryDto,
  NotificationOwnerDto,
  NotificationPathDto,
  NotificationsQueryDto,
} from './notifications.dto.js';
import { campaignOf, deliveryOf, notificationOf, preferencesOf, webhookOf } from './reply-text.js';

const validateInbox = compileValidator(NotificationsQueryDto, 'query');
const validateOwner = compileValidator(NotificationOwnerDto, 'query');
const validateDeliveries = compileValidator(DeliveriesQueryDto, 'query');
const validatePath = compileValidator(NotificationPathDto, 'path');

/** Answers questions about notifications, as JSON text. Every method throws ProblemError for bad input. */
@Injectable()
export class NotificationReads {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  /** A page of what a user was told, the newest first. */
  async inbox(query: unknown): Promise<string> {
    const { userId, unread, limit, cursor } = checked(validateInbox, query);
    const { database, signingKey: key } = this.deps;
    const onlyUnread = unread === 'true';
    const scope: CursorScope = ['notifications', userId, String(onlyUnread)];
    const after = placeOf(key, scope, cursor);
    const count = limitOf(limit);
    const filter = { userId, unread: onlyUnread, limit: count + 1 };
    const found = await listInbox(database, after === undefined ? filter : { ...filter, after });
    const { rows, nextCursor } = pageOf(found, count, { key, scope, place: ({ seq }) => seq });
    return JSON.stringify({
      items: rows.map(notificationOf),
      nextCursor,
      unread: await countUnread(database, userId),
    });
  }

  async preferences(query: unknown): Promise<string> {
    const { userId } = checked(validateOwner, query);
    const found: ReadonlyMap<string, Preferences> = await readPreferences(this.deps.database, [userId]);
    return JSON.stringify(preferencesOf(found.get(userId)!));
  }

  async webhooks(query: unknown): Promise<string> {
    const { userId } = checked(validateOwner, query);
    const found = await listEndpoints(this.deps.database, { userId }, this.deps.clock.now());
    return JSON.stringify({ items: found.map(webhookOf) });
  }

  /** A page of what was sent to a webhook, the newest first. */
  async deliveries(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validatePath, path);
    const { userId, limit, cursor } = checked(validateDeliveries, query);
    const { database, signingKey: key } = this.deps;
    const { endpointId } = foundOr(await this.endpoint(userId, id), 'webhook.not_found');
    const scope: CursorScope = ['webhook-deliveries', userId, endpointId];
    const after = placeOf(key, scope, cursor);
    const count = limitOf(limit);
    const filter = { endpointId, limit: count + 1 };
    const found = await listDeliveries(database, after === undefined ? filter : { ...filter, after });
    const { rows, nextCursor } = pageOf(found, count, { key, scope, place: ({ seq }) => seq });
    return JSON.stringify({ items: rows.map(deliveryOf), nextCursor });
  }

  private async endpoint(userId: string, id: string): Promise<Endpoint | undefined> {
    if (!isRowId(id)) return undefined;
    const { database, clock } = this.deps;
    return (await listEndpoints(database, { userId, endpointId: id }, clock.now()))[0];
  }

  async campaigns(): Promise<string> {
    const found: readonly Campaign[] = await readCampaigns(this.deps.database);
    return JSON.stringify({ items: found.map(campaignOf) });
  }

  async campaign(path: unknown): Promise<string> {
    const { id } = checked(validatePath, path);
    const [found] = await readCampaigns(this.deps.database, { campaignId: id });
    return JSON.stringify(campaignOf(foundOr(found, 'campaign.not_found')));
  }

  /** Users of each of the plans, as the read model knows them. */
  async usersOf(plans: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return (await countPlans(this.deps.database, plans)).value;
  }
}
