update lots l
set remaining = l.remaining - d.amount, last_at_ms = d.last_at_ms
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as d (user_id, lot_id, amount, last_at_ms)
where l.user_id = d.user_id and l.lot_id = d.lot_id
