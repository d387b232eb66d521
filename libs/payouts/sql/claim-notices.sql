-- A claim is a later due time: who dies with it leaves the notice to the next.
with due as (
  select provider, id
  from payouts.provider_notices
  where due_at <= now()
  order by due_at
  limit $1
  for update skip locked
)
update payouts.provider_notices n
set tries = n.tries + 1, due_at = now() + $2 * interval '1 millisecond'
from due
where n.provider = due.provider and n.id = due.id
returning n.provider, n.id, n.type, n.tries, n.notice
