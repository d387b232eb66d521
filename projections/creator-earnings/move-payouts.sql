insert into creator_payouts as p (
  creator_id, payout_id, position, amount, state, provider, destination, requested_at_ms, sent_at_ms, settled_at_ms,
  failed_at_ms, reference, failed_from, reason
)
select *
from unnest(
  $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
  $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[]
)
on conflict (creator_id, payout_id) do update set
  state = excluded.state,
  sent_at_ms = coalesce(excluded.sent_at_ms, p.sent_at_ms),
  settled_at_ms = coalesce(excluded.settled_at_ms, p.settled_at_ms),
  failed_at_ms = coalesce(excluded.failed_at_ms, p.failed_at_ms),
  reference = coalesce(excluded.reference, p.reference),
  failed_from = coalesce(excluded.failed_from, p.failed_from),
  reason = coalesce(excluded.reason, p.reason)
