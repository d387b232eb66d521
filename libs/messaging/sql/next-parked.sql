select number, message_id, event::text as event, raw::text as raw, tries_of_round
from messaging.parked
where consumer = $1 and stream = $2 and state = 'waiting'
order by number
limit $3
