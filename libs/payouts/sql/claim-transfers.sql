with due as (
  select creator_id, payout_id
  from payouts.transfers
  where due_at <= now() and (leased_until is null or leased_until <= now())
  order by due_at
  limit $1
  for update skip locked
)
update payouts.transfers t
set lease = t.lease + 1, leased_until = now() + $2 * interval '1 millisecond'
from due
where t.creator_id = due.creator_id and t.payout_id = due.payout_id
returning t.*
