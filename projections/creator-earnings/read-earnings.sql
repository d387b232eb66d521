select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  e.creator_id, e.accrued, e.prompt_sources, e.flow_sources, e.first_earned_at_ms, e.last_earned_at_ms
from read.creator_earnings_checkpoint c
left join read.creator_earnings e on e.creator_id = $1
