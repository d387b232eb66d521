update lots l
set
  remaining = l.remaining - d.expired - d.revoked,
  expired = nullif(coalesce(l.expired, 0) + d.expired, 0),
  revoked = nullif(coalesce(l.revoked, 0) + d.revoked, 0),
  moved_at_ms = greatest(l.moved_at_ms, d.moved_at_ms)
from unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::bigint[])
  as d (user_id, lot_id, expired, revoked, moved_at_ms)
where l.user_id = d.user_id and l.lot_id = d.lot_id
