select stream, position, state
from messaging.streams
where consumer = $1 and stream = any($2::text[])
order by stream
for update
