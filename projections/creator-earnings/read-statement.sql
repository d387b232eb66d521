select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  m.kind, m.before, m.within, m.count
from read.creator_earnings_checkpoint c
left join lateral (
  select
    k.kind,
    coalesce(sum(k.amount) filter (where k.month_ms < $2), 0) as before,
    coalesce(sum(k.amount) filter (where k.month_ms = $2), 0) as within,
    coalesce(sum(k.count) filter (where k.month_ms = $2), 0) as count
  from read.creator_movements k
  where k.creator_id = $1
  group by k.kind
) m on true
