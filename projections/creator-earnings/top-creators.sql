select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  e.creator_id, e.accrued as earned, e.prompt_sources, e.flow_sources
from read.creator_earnings_checkpoint c
left join lateral (select * from read.creator_earnings order by accrued desc, creator_id limit $1) e on true
order by e.accrued desc, e.creator_id
