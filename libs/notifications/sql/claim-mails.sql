-- Takes due mails in hand until $2 and notes the try before it begins. A row that somebody else takes is passed over.
with taken as (
  select delivery_id from notifications.deliveries
  where state = 'waiting' and channel = 'email' and due_at_ms <= $1
  order by due_at_ms
  limit $4
  for update skip locked
), claimed as (
  update notifications.deliveries d
  set due_at_ms = $2, lease = $3, attempts = d.attempts + 1
  from taken
  where d.delivery_id = taken.delivery_id
  returning d.delivery_id, d.attempts, d.created_at_ms, d.user_id, d.message_id
), noted as (
  insert into notifications.attempts (delivery_id, number, at_ms)
  select delivery_id, attempts, $1 from claimed
)
select
  c.delivery_id, c.attempts, c.created_at_ms, c.user_id, m.kind, m.data, m.at_ms, m.locale,
  coalesce(campaign.state = 'cancelled', false) as called_off
from claimed c
join notifications.messages m on m.message_id = c.message_id
left join notifications.campaigns campaign on campaign.campaign_id = m.campaign_id
