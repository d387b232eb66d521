-- Lots are only ever added, so their numbers stay.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  l.*, coalesce(h.reserved, 0) as reserved
from read.balances_checkpoint c
left join lateral (
  select *
  from (
    select
      row_number() over (order by first_revision, lot_id) as number,
      lot_id, kind, origin, original, drawn, restored, moved_out, refunded_unrestored, expired, revoked, reinstated,
      remaining, added_at_ms, expires_at_ms, payment_id, cost_currency, cost_minor_units, cost_provider_fee,
      first_revision
    from read.lots
    where user_id = $1
  ) numbered
  where ($2::text is null or lot_id = $2) and ($3::bigint is null or number < $3)
  order by number desc
  limit $4
) l on true
left join lateral (
  select sum(p.amount) as reserved
  from read.hold_parts p
  where p.user_id = $1 and p.lot_id = l.lot_id
) h on true
order by l.number desc
