-- One row a stream that waits, with its first message.
select
  first.consumer, first.stream, streams.state, streams.due_at, first.message_id, first.reason, first.parked_at,
  json_array_length(first.tries) as tries,
  (
    select count(*)::int from messaging.parked as each
    where each.consumer = first.consumer and each.stream = first.stream and each.state = 'waiting'
  ) as waiting
from messaging.streams
cross join lateral (
  select * from messaging.parked
  where parked.consumer = streams.consumer and parked.stream = streams.stream and parked.state = 'waiting'
  order by number
  limit 1
) as first
where streams.state <> 'flowing' and ($1::text is null or streams.consumer = $1)
order by first.parked_at, first.number
limit $2
