-- Adds to what a creator earned on one day; makes the notification with the first earning. $1 now, $2 id, $3 day's
-- beginning, $4 shown in the app, $5 creator, $6 locale, $7 day, $8 earned, $9 runs, $10 flows, $11 reversed, $12 refunds.
insert into notifications.messages as m (
  message_id, at_ms, created_at_ms, updated_at_ms, in_app, quiet, user_id, kind, locale, data
)
values (
  $2, $3, $1, $1, $4, false, $5, 'creator_earnings', $6,
  jsonb_build_object(
    'day', $7::text, 'earned', $8::text, 'runs', $9::int, 'flows', $10::int, 'reversed', $11::text, 'refunds', $12::int
  )
)
on conflict (message_id) do update set
  updated_at_ms = $1,
  data = jsonb_build_object(
    'day', $7::text,
    'earned', ((m.data ->> 'earned')::numeric + $8::numeric)::text,
    'runs', (m.data ->> 'runs')::int + $9::int,
    'flows', (m.data ->> 'flows')::int + $10::int,
    'reversed', ((m.data ->> 'reversed')::numeric + $11::numeric)::text,
    'refunds', (m.data ->> 'refunds')::int + $12::int
  )
returning xmax = 0 as made
