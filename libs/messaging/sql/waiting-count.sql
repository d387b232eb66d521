select count(*)::int as waiting, count(distinct stream)::int as streams
from messaging.parked
where consumer = $1 and state = 'waiting'
