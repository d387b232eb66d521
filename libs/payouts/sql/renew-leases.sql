update payouts.transfers t
set leased_until = now() + $4 * interval '1 millisecond'
from unnest($1::text[], $2::text[], $3::bigint[]) as held (creator_id, payout_id, lease)
where t.creator_id = held.creator_id and t.payout_id = held.payout_id and t.lease = held.lease
  and t.leased_until is not null
