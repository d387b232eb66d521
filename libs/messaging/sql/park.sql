-- A message that could not be read and lies where it lay before is parked already.
insert into messaging.parked
  (consumer, stream, message_id, position, event, raw, reason, tries, tries_of_round, dead_letter)
select $1, stream, message_id, position, event, raw, reason, tries, json_array_length(tries), dead_letter
from unnest(
  $2::text[], $3::text[], $4::bigint[], $5::json[], $6::json[], $7::text[], $8::json[], $9::text[]
) with ordinality as new (stream, message_id, position, event, raw, reason, tries, dead_letter, place)
order by place
on conflict (consumer, message_id) do nothing
