-- A refund lot may take over from another one of the same batch, and so on: the payment is handed down the chain.
with recursive d as (
  select *
  from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::integer[]
  ) as d (user_id, lot_id, source_lot_id, origin, amount, added_at_ms, expires_at_ms, first_revision)
),
found as (
  select d.*, l.payment_id
  from d
  join lots l on l.user_id = d.user_id and l.lot_id = d.source_lot_id
  union all
  select d.*, f.payment_id
  from d
  join found f on f.user_id = d.user_id and f.lot_id = d.source_lot_id
)
insert into lots (
  user_id, lot_id, kind, origin, original, remaining, added_at_ms, moved_at_ms, expires_at_ms, first_revision, payment_id
)
select
  user_id, lot_id, 'refund', origin, amount, amount, added_at_ms, added_at_ms, expires_at_ms, first_revision, payment_id
from found
