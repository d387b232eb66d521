select streams.stream
from messaging.streams
where consumer = $1 and stream = (select stream from messaging.parked where consumer = $1 and message_id = $2)
for update
