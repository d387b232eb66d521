-- The oldest campaign that nobody works at, in hand until the transaction ends.
select campaign_id, title, body, plans, channels, cursor_user_id, created_at_ms
from notifications.campaigns
where state = 'running'
order by created_at_ms, campaign_id
limit 1
for update skip locked
