-- From the postings themselves, not from the running balances: the books as they stood then.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  a.account, a.balance
from read.journal_checkpoint c
left join lateral (
  select account, sum(amount) as balance from read.journal where position <= $1 group by account
) a on true
order by a.account
