-- The streams first: that is the order in which workers lock.
with marked as (
  update messaging.streams set state = 'retrying', due_at = clock_timestamp()
  where
    (consumer, stream) in (
      select consumer, stream from messaging.streams
      where consumer = $1 and state <> 'flowing' and ($2::text is null or stream = $2)
      order by stream
      for update
    )
  returning consumer, stream
),
another_round as (
  update messaging.parked set tries_of_round = 0
  from marked
  where parked.consumer = marked.consumer and parked.stream = marked.stream and parked.state = 'waiting'
  returning 1
)
select (select count(*)::int from marked) as streams, (select count(*)::int from another_round) as messages
