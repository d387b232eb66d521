select stream
from messaging.streams
where consumer = $1 and state = 'retrying' and due_at <= clock_timestamp()
order by due_at
limit $2
