import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '#libs/platform/transaction.js';
import type { Channel } from './kinds.js';
import { idOf, type Note } from './note.js';
import type { Queryable } from './preferences.js';
import { statement } from './sql-file.js';
import { writeNotes } from './write-notes.js';

/** Users a transaction: what a crash takes back, and what a cancel waits for. */
const PAGE_SIZE = 500;
export const CAMPAIGNS_SHOWN_MAX = 100;

/** Knows which users are on which plans. */
export interface Audience {
  /** In the order of their ids, from behind `after`; '' is before the first. */
  page(question: {
    readonly plans: readonly string[];
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly string[]>;
}

export interface NewCampaign {
  readonly campaignId: string;
  readonly title: string;
  readonly body: string;
  readonly plans: readonly string[];
  readonly channels: readonly Channel[];
  /** Users of these plans now. */
  readonly expected: number;
}

/** An announcement, and how far it is. Times in milliseconds since the epoch. */
export interface Campaign extends NewCampaign {
  readonly state: 'running' | 'done' | 'cancelled';
  readonly createdAt: number;
  readonly endedAt: number | undefined;
  /** Users gone through. */
  readonly processed: number;
  /** Of them, those who got it in the app. */
  readonly inApp: number;
  /** Mails made, sent, and given up or cancelled. */
  readonly mails: { readonly made: number; readonly delivered: number; readonly failed: number };
}

interface Columns {
  readonly campaign_id: string;
  readonly title: string;
  readonly body: string;
  readonly plans: string[];
  readonly channels: Channel[];
  readonly state: Campaign['state'];
  readonly created_at_ms: string;
  readonly ended_at_ms: string | null;
  readonly expected: number;
  readonly processed: number;
  readonly in_app: number;
  readonly mailed: number;
  readonly delivered: number;
  readonly failed: number;
}

const READ = statement('read-campaigns');
const CANCEL = statement('cancel-campaign');
const NEXT = statement('next-campaign');
const WENT_ON = statement('campaign-went-on');

/** False when there is one with this id. */
export async function createCampaign(tx: ClientBase, campaign: NewCampaign, now: number): Promise<boolean> {
  const { campaignId, title, body, plans, channels, expected } = campaign;
  const { rowCount } = await tx.query({
    name: 'notifications-insert-campaign',
    text: `insert into notifications.campaigns (
        campaign_id, created_at_ms, state, title, body, plans, channels, expected
      ) values ($1, $2, 'running', $3, $4, $5, $6, $7) on conflict do nothing`,
    values: [campaignId, now, title, body, [...plans], [...channels], expected],
  });
  return rowCount === 1;
}

/** The newest first, or the one asked for. */
export async function readCampaigns(
  db: Queryable,
  { campaignId, limit = CAMPAIGNS_SHOWN_MAX }: { readonly campaignId?: string; readonly limit?: number } = {},
): Promise<readonly Campaign[]> {
  const { rows } = await db.query<Columns>({ ...READ, values: [campaignId ?? null, limit] });
  return rows.map((row) => ({
    campaignId: row.campaign_id,
    title: row.title,
    body: row.body,
    plans: row.plans,
    channels: row.channels,
    state: row.state,
    createdAt: Number(row.created_at_ms),
    endedAt: row.ended_at_ms === null ? undefined : Number(row.ended_at_ms),
    expected: row.expected,
    processed: row.processed,
    inApp: row.in_app,
    mails: { made: row.mailed, delivered: row.delivered, failed: row.failed },
  }));
}

/** Stops a running campaign: nobody else is told, and mails that have not gone out do not. */
export async function cancelCampaign(tx: ClientBase, campaignId: string, now: number): Promise<void> {
  await tx.query({ ...CANCEL, values: [campaignId, now] });
}

export interface CampaignStep {
  readonly pool: Pool;
  readonly audience: Audience;
  readonly now: () => number;
  readonly pageSize?: number;
}

/**
 * Tells the next users of the oldest running campaign, all of them or none: a note has its id from campaign and user, so
 * nobody is told twice, whoever goes on after a crash. False when there is nothing to do here.
 */
export async function stepCampaign({
  pool,
  audience,
  now,
  pageSize = PAGE_SIZE,
}: CampaignStep): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<Columns & { readonly cursor_user_id: string }>(NEXT);
    const [campaign] = rows;
    if (campaign === undefined) return false;
    const { plans, cursor_user_id: after } = campaign;
    const users = await audience.page({ plans, after, limit: pageSize });
    const t = now();
    const { inApp, mails } = await writeNotes(tx, notesOf(campaign, users), t);
    const last = users.at(-1) ?? after;
    const over = users.length < pageSize;
    await tx.query({
      ...WENT_ON,
      values: [campaign.campaign_id, last, users.length, inApp, mails, over, t],
    });
    return true;
  });
}

function notesOf(campaign: Columns, users: readonly string[]): readonly Note[] {
  const { campaign_id: id, title, body, channels } = campaign;
  return users.map((userId) => ({
    id: idOf('campaign', id, userId),
    kind: 'announcement',
    userId,
    at: Number(campaign.created_at_ms),
    data: { title, body },
    campaign: { id, channels },
  }));
}
