update lots l
set remaining = l.remaining - d.amount, moved_at_ms = greatest(l.moved_at_ms, d.moved_at_ms)
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as d (user_id, lot_id, amount, moved_at_ms)
where l.user_id = d.user_id and l.lot_id = d.lot_id
