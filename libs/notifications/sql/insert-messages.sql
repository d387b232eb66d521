-- Those that are there already stay as they are; tells which are new.
insert into notifications.messages (
  message_id, at_ms, created_at_ms, updated_at_ms, in_app, quiet, user_id, kind, locale, campaign_id, data
)
select n.message_id, n.at_ms, $1, $1, n.in_app, n.quiet, n.user_id, n.kind, n.locale, n.campaign_id, n.data
from unnest(
  $2::uuid[], $3::bigint[], $4::boolean[], $5::boolean[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[]
) with ordinality as n (message_id, at_ms, in_app, quiet, user_id, kind, locale, campaign_id, data, place)
order by n.place
on conflict (message_id) do nothing
returning message_id
