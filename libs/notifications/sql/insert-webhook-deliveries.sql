insert into notifications.deliveries (
  delivery_id, created_at_ms, due_at_ms, channel, state, user_id, endpoint_id, type, body
)
select d.delivery_id, $1, $1, 'webhook', 'waiting', $2, d.endpoint_id, $3, $4
from unnest($5::uuid[], $6::uuid[]) as d (delivery_id, endpoint_id)
on conflict (delivery_id) do nothing
