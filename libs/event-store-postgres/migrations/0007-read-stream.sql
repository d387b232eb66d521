-- Events of one stream from a revision on (inclusive), at most events_max.
create function log.read_stream(stream_name text, from_revision integer, events_max integer)
returns table (
  "position" bigint, recorded_ms bigint, revision integer, id uuid, stream text, type text, data text, metadata text
)
language sql stable
as $$
  select
    e.position, (date_part('epoch', e.recorded_at) * 1000)::bigint,
    e.revision, e.id, e.stream, e.type, e.data, e.metadata
  from log.events e
  where e.stream = stream_name and e.revision >= from_revision
  order by e.revision
  limit events_max
$$;

revoke all on function log.read_stream(text, integer, integer) from public;
grant execute on function log.read_stream(text, integer, integer) to ledger_log;
