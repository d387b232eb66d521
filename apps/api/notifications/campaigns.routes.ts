import { err, ok } from '#libs/kernel/result.js';
import { cancelCampaign, createCampaign, readCampaigns } from '#libs/notifications/campaigns.js';
import type { Channel } from '#libs/notifications/kinds.js';
import type { RowRoute } from '../commands/row-gate.js';
import { commandReader } from '../commands/to-command.js';
import { ProblemError } from '../problem/problem.js';
import { NewCampaignDto } from './notifications.dto.js';
import { campaignOf } from './reply-text.js';

export interface BeginCampaign {
  readonly type: 'BeginCampaign';
  readonly campaignId: string;
  readonly title: string;
  readonly body: string;
  readonly plans: readonly string[];
  readonly channels: readonly Channel[];
  readonly dryRun: boolean;
}

interface CancelCampaign {
  readonly type: 'CancelCampaign';
  readonly id: string;
}

const SCOPE = 'campaigns';

const invalid = (field: string, message: string) => err(ProblemError.invalid([{ field, message }]));

export const readBeginCampaign = commandReader({
  fields: NewCampaignDto,
  command: ({ channels, dryRun = false, ...fields }): BeginCampaign => ({
    type: 'BeginCampaign',
    ...fields,
    channels: channels as Channel[],
    dryRun,
  }),
});

/** `expected`: users of the plans now. */
export const beginCampaign = (
  expected: (plans: readonly string[]) => Promise<number>,
): RowRoute<BeginCampaign> => ({
  read: readBeginCampaign,
  scope: () => SCOPE,
  run: async ({ type: _type, dryRun: _dryRun, ...campaign }, tx, now) => {
    const made = await createCampaign(tx, { ...campaign, expected: await expected(campaign.plans) }, now);
    if (!made) return invalid('campaignId', 'was used by a campaign before');
    const [created] = await readCampaigns(tx, campaign);
    return ok({ campaign: campaignOf(created!) });
  },
});

/** Its path says it all. */
export class CancelCampaignDto {}

export const CANCEL_CAMPAIGN: RowRoute<CancelCampaign> = {
  read: commandReader({
    fields: CancelCampaignDto,
    bodyOptional: true,
    path: ['id'],
    command: (_fields, { id }): CancelCampaign => ({ type: 'CancelCampaign', id }),
  }),
  scope: () => SCOPE,
  run: async ({ id: campaignId }, tx, now) => {
    const [campaign] = await readCampaigns(tx, { campaignId });
    if (campaign === undefined) return err(new ProblemError('campaign.not_found'));
    if (campaign.state === 'done') return invalid('id', 'is done: everybody was told');
    await cancelCampaign(tx, campaignId, now);
    const [cancelled] = await readCampaigns(tx, { campaignId });
    return ok({ campaign: campaignOf(cancelled!) });
  },
};
