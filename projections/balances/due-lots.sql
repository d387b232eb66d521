-- Lots that have lapsed with something left that no hold reserves, in the order of lots_by_expiry.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms, d.user_id, d.due_at_ms
from read.balances_checkpoint c
left join lateral (
  select l.user_id, l.expires_at_ms as due_at_ms
  from read.lots l
  where l.expires_at_ms is not null and l.kind <> 'monthly'
    and l.expires_at_ms <= $1 and (l.expires_at_ms, l.user_id) > ($2, $3::text)
    and l.remaining > 0
    and l.remaining > coalesce(
      (select sum(p.amount) from read.hold_parts p where p.user_id = l.user_id and p.lot_id = l.lot_id), 0
    )
  order by l.expires_at_ms, l.user_id
  limit $4
) d on true
order by d.due_at_ms, d.user_id
