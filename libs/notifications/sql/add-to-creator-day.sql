-- Adds to what a creator earned on a day that has its notification: $1 now, $2 id, $3 earned, $4 runs, $5 flows,
-- $6 reversed, $7 refunds.
update notifications.messages
set
  updated_at_ms = $1,
  data = jsonb_build_object(
    'day', data ->> 'day',
    'earned', ((data ->> 'earned')::numeric + $3::numeric)::text,
    'runs', (data ->> 'runs')::int + $4::int,
    'flows', (data ->> 'flows')::int + $5::int,
    'reversed', ((data ->> 'reversed')::numeric + $6::numeric)::text,
    'refunds', (data ->> 'refunds')::int + $7::int
  )
where message_id = $2
