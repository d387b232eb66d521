-- One campaign, or the newest; how far their mails are.
select
  c.campaign_id, c.title, c.body, c.plans, c.channels, c.state, c.created_at_ms, c.ended_at_ms,
  c.expected, c.processed, c.in_app, c.mailed, mails.delivered, mails.failed
from (
  select * from notifications.campaigns
  where $1::text is null or campaign_id = $1
  order by created_at_ms desc, campaign_id
  limit $2
) c
cross join lateral (
  select
    count(*) filter (where d.state = 'delivered')::int as delivered,
    count(*) filter (where d.state in ('failed', 'cancelled'))::int as failed
  from notifications.messages m
  join notifications.deliveries d on d.message_id = m.message_id
  where m.campaign_id = c.campaign_id
) mails
order by c.created_at_ms desc, c.campaign_id
