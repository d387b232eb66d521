-- What waits to be sent, and for how long the oldest of it has been due.
select
  channel, count(*)::int as waiting, count(*) filter (where due_at_ms <= $1)::int as due,
  greatest(0, $1 - min(due_at_ms))::bigint as oldest_due_ms
from notifications.deliveries
where state = 'waiting'
group by channel
