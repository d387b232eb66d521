update lots l
set
  remaining = l.remaining + d.restored + d.reinstated,
  restored = nullif(coalesce(l.restored, 0) + d.restored, 0),
  reinstated = nullif(coalesce(l.reinstated, 0) + d.reinstated, 0),
  moved_out = nullif(coalesce(l.moved_out, 0) + d.moved_out, 0),
  refunded_unrestored = nullif(coalesce(l.refunded_unrestored, 0) + d.refunded_unrestored, 0),
  moved_at_ms = greatest(l.moved_at_ms, d.moved_at_ms)
from unnest(
  $1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::bigint[]
) as d (user_id, lot_id, restored, reinstated, moved_out, refunded_unrestored, moved_at_ms)
where l.user_id = d.user_id and l.lot_id = d.lot_id
