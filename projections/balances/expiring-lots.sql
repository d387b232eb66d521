-- Lots that lapse after $1 and up to $2 with something left that no hold reserves, by time, user and lot. What lapses
-- with its month is left out.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  d.user_id, d.lot_id, d.expires_at_ms, d.free
from read.balances_checkpoint c
left join lateral (
  select l.user_id, l.lot_id, l.expires_at_ms, l.remaining - held.amount as free
  from read.lots l
  cross join lateral (
    select coalesce(sum(p.amount), 0) as amount
    from read.hold_parts p where p.user_id = l.user_id and p.lot_id = l.lot_id
  ) held
  where l.expires_at_ms is not null and l.kind <> 'monthly'
    and (l.expires_at_ms, l.user_id) >= ($1, $3::text)
    and (l.expires_at_ms, l.user_id, l.lot_id) > ($1, $3::text, $4::text)
    and l.expires_at_ms <= $2
    and l.remaining > held.amount
  order by l.expires_at_ms, l.user_id, l.lot_id
  limit $5
) d on true
order by d.expires_at_ms, d.user_id, d.lot_id
