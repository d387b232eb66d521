select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  e.creator_id, e.earned, e.reversed, e.in_payout, e.paid, e.prompt_sources, e.flow_sources, e.first_earned_at_ms,
  e.last_earned_at_ms, e.destination_provider, e.destination_reference,
  (
    select json_agg(json_build_array(d.day_ms::text, (d.earned - d.reversed)::text) order by d.day_ms)
    from read.creator_days d
    where d.creator_id = $1 and d.day_ms >= $2
  ) as waiting_days
from read.creator_earnings_checkpoint c
left join read.creator_earnings e on e.creator_id = $1
