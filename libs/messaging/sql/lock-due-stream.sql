-- Another worker that drains it already, or a batch that arrives for it, is not waited for.
select stream
from messaging.streams
where consumer = $1 and stream = $2 and state = 'retrying' and due_at <= clock_timestamp()
for update skip locked
