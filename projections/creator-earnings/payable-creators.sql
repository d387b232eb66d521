-- A page of creators who are owed something, with what is payable: what was earned on days that still wait ($1, the
-- first of them) is left out, as `splitEarnings` does.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  p.creator_id, p.payable, p.destination_provider, p.destination_reference
from read.creator_earnings_checkpoint c
left join lateral (
  select
    e.creator_id, e.destination_provider, e.destination_reference,
    e.earned - e.reversed - e.in_payout - e.paid - coalesce(w.accrued, 0) as payable
  from read.creator_earnings e
  left join lateral (
    select sum(d.earned - d.reversed) as accrued
    from read.creator_days d
    where d.creator_id = e.creator_id and d.day_ms >= $1 and d.earned > d.reversed
  ) w on true
  where e.creator_id > $2
  order by e.creator_id
  limit $3
) p on true
order by p.creator_id
