-- Waits for the page that is being written; mails that have not gone out stay here.
with cancelled as (
  update notifications.campaigns set state = 'cancelled', ended_at_ms = $2
  where campaign_id = $1 and state = 'running'
  returning campaign_id
)
update notifications.deliveries d
set state = 'cancelled', reason = 'campaign_cancelled', ended_at_ms = $2, lease = null
from notifications.messages m, cancelled c
where m.campaign_id = c.campaign_id and d.message_id = m.message_id and d.state = 'waiting' and d.lease is null
