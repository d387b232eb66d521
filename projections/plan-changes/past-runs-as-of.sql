-- Both views show every run up to there, and the plan it was charged on.
select
  r.log_id as as_of_log, least(r.position, p.position) as as_of_position,
  case when r.position <= p.position then r.recorded_at_ms else p.recorded_at_ms end as as_of_ms
from read.prompt_runs_checkpoint r
cross join read.plan_changes_checkpoint p
where r.log_id = p.log_id
