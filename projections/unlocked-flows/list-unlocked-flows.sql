select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  f.position as flow_position, f.flow_id, f.creator_id, f.price, f.creator_share, f.platform_share, f.unlocked_at_ms,
  f.event_id
from read.unlocked_flows_checkpoint c
left join read.unlocked_flows f on f.user_id = $1 and f.refunded_at_ms is null
order by f.position desc
