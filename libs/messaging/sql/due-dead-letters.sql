select number, stream, message_id, reason, parked_at, coalesce(event, raw)::text as message
from messaging.parked
where consumer = $1 and dead_letter = 'due'
order by number
limit $2
