insert into notifications.deliveries (delivery_id, created_at_ms, due_at_ms, channel, state, user_id, message_id)
select d.delivery_id, $1, d.due_at_ms, 'email', 'waiting', d.user_id, d.message_id
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[]) as d (delivery_id, due_at_ms, user_id, message_id)
on conflict (delivery_id) do nothing
