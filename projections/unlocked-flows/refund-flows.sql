update unlocked_flows f
set refunded_at_ms = d.refunded_at_ms
from unnest($1::text[], $2::text[], $3::bigint[]) as d (user_id, flow_id, refunded_at_ms)
where f.user_id = d.user_id and f.flow_id = d.flow_id
