-- A stream without anything left to drain goes on; one that waits for an operator is told to the dead-letter topic.
with changed as (
  update messaging.streams
  set state = $3, due_at = clock_timestamp() + $4::float8 * interval '1 ms'
  where consumer = $1 and stream = $2
)
update messaging.parked set dead_letter = 'due'
where $3 = 'parked' and consumer = $1 and stream = $2 and state = 'waiting' and dead_letter = 'none'
