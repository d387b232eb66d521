-- First position of an append whose every event is already there, behind the same expected revision: an earlier try
-- was written. Null when any of its ids is missing or stands elsewhere.
create function log.find_append(stream_name text, base integer, event_ids uuid[]) returns bigint
language sql stable
as $$
  select min(e.position)
  from unnest(event_ids) with ordinality as w (id, ordinal)
  join log.events e on e.stream = stream_name and e.revision = base + w.ordinal and e.id = w.id
  having count(*) = cardinality(event_ids)
$$;

revoke all on function log.find_append(text, integer, uuid[]) from public;
grant execute on function log.find_append(text, integer, uuid[]) to ledger_log;
