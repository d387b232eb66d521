-- Events behind after_position up to up_to in log order, at most events_max; null filters let everything pass.
-- Plain enough to be inlined: the caller's limit meets the index on position.
create function log.read_log(
  after_position bigint, up_to bigint, events_max integer, wanted_types text[], wanted_categories text[]
)
returns table (
  "position" bigint, recorded_ms bigint, revision integer, id uuid, stream text, type text, data text, metadata text
)
language sql stable
as $$
  select
    e.position, (date_part('epoch', e.recorded_at) * 1000)::bigint,
    e.revision, e.id, e.stream, e.type, e.data, e.metadata
  from log.events e
  where e.position > after_position and e.position <= up_to
    and (wanted_types is null or e.type = any (wanted_types))
    and (wanted_categories is null or split_part(e.stream, '-', 1) = any (wanted_categories))
  order by e.position
  limit events_max
$$;

revoke all on function log.read_log(bigint, bigint, integer, text[], text[]) from public;
grant execute on function log.read_log(bigint, bigint, integer, text[], text[]) to ledger_log;
