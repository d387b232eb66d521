select
  message_id, position, coalesce(event, raw)::text as message, raw is not null as unreadable, state, reason,
  tries::text as tries, parked_at, ended_at, dropped_by, drop_reason
from messaging.parked
where consumer = $1 and stream = $2 and ($3 or state = 'waiting')
order by number
limit $4
