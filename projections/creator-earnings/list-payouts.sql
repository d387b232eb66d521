select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  p.payout_id, p.position as payout_position, p.amount, p.state, p.provider, p.destination, p.requested_at_ms, p.sent_at_ms, p.settled_at_ms,
  p.failed_at_ms, p.reference, p.failed_from, p.reason
from read.creator_earnings_checkpoint c
left join lateral (
  select * from read.creator_payouts
  where creator_id = $1 and position < coalesce($3::bigint, 9223372036854775807)
  order by position desc
  limit $2
) p on true
order by p.position desc
