select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  a.account, a.balance
from read.journal_checkpoint c
left join read.accounts a on true
order by a.account
