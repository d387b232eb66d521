-- Users whose wallet is on one of the plans $1 and not closed, behind $2 in the order of their ids.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms, d.user_id
from read.balances_checkpoint c
left join lateral (
  select w.user_id
  from read.wallets w
  where w.plan = any($1::text[]) and w.status <> 'closed' and w.user_id > $2::text
  order by w.user_id
  limit $3
) d on true
order by d.user_id
