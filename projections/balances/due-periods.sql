-- Wallets that somebody moved in the period that ended at $1, having begun at $2, and that were not rolled since. On a
-- plan with monthly credits whatever moved the wallet granted them first, so its granted period is the ended one; an
-- unlimited plan has only a change of plan to come, and keeps the period of the last one.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms, d.user_id, $1 as due_at_ms
from read.balances_checkpoint c
left join lateral (
  (
    select w.user_id
    from read.wallets w
    where w.granted_period_ms = $2 and w.granted_period_ms > 0
      and w.user_id > $3 and w.status <> 'closed' and w.moved_at_ms >= $2
    order by w.user_id
    limit $4
  )
  union
  (
    select w.user_id
    from read.wallets w
    where (w.coverage = 'paid' or w.scheduled_plan is not null) and w.granted_period_ms < $1
      and w.user_id > $3 and w.status <> 'closed' and w.moved_at_ms >= $2
    order by w.user_id
    limit $4
  )
  order by user_id
  limit $4
) d on true
order by d.user_id
