select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  s.total, s.clearing_open
from read.journal_checkpoint c
cross join (
  select
    coalesce(sum(balance), 0) as total,
    count(*) filter (where account >= 'clearing:' and account < 'clearing;' and balance <> 0) as clearing_open
  from read.accounts
) s
