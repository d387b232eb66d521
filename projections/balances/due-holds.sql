-- Open holds whose time is up, in the order of holds_by_expiry.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms, d.user_id, d.due_at_ms
from read.balances_checkpoint c
left join lateral (
  select h.user_id, h.expires_at_ms as due_at_ms
  from read.holds h
  where h.expires_at_ms > 0 and h.expires_at_ms <= $1 and (h.expires_at_ms, h.user_id) > ($2, $3::text)
  order by h.expires_at_ms, h.user_id
  limit $4
) d on true
order by d.due_at_ms, d.user_id
