-- How many wallets that are not closed are on each plan.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms, d.plan, d.users
from read.balances_checkpoint c
left join lateral (
  select w.plan, count(*)::int as users
  from read.wallets w
  where w.plan = any($1::text[]) and w.status <> 'closed'
  group by w.plan
) d on true
order by d.plan
