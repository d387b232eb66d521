-- Inbox rows and high water of a batch at once. A stream that waited already keeps its own time.
with handled as (
  insert into messaging.inbox (consumer, position, message_id, stream, outcome, reason)
  select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
)
update messaging.streams as known
set
  position = moved.position,
  state = moved.state,
  due_at = case
    when moved.due_ms is null then known.due_at else clock_timestamp() + moved.due_ms * interval '1 ms'
  end
from unnest($7::text[], $8::bigint[], $9::text[], $10::float8[]) as moved (stream, position, state, due_ms)
where known.consumer = $1 and known.stream = moved.stream
