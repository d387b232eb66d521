-- Writes many appends in one transaction and gives them the next positions. Needs READ COMMITTED: every statement
-- behind the lock must see what was committed before the lock was free.
--
-- One entry per append: streams (each at most once), bases (the revision expected, -1 for none), counts.
-- One entry per event, append by append: event_streams, revisions, ids, types, datas, metadatas.
--
-- head_before: position of the last event before this batch. recorded_ms: when the batch was recorded.
-- firsts is null when everything was written. Otherwise one entry per append:
--   its first position (at or below head_before when an earlier try of the same ids had written it),
--   or -(revision + 2) of a stream that has moved: -1 says the stream has no events.
create function log.append_batch(
  streams text[],
  bases integer[],
  counts integer[],
  event_streams text[],
  revisions integer[],
  ids uuid[],
  types text[],
  datas text[],
  metadatas text[],
  out head_before bigint,
  out recorded_ms bigint,
  out firsts bigint[]
)
language plpgsql volatile
as $$
declare
  recorded timestamptz;
  moved integer[];
begin
  perform log.lock_appends();

  select e.position, e.recorded_at into head_before, recorded
  from log.events e order by e.position desc limit 1;
  head_before := coalesce(head_before, 0);
  -- The clock may be set back; the log does not follow. Whole milliseconds, as callers see it.
  recorded := greatest(date_trunc('milliseconds', clock_timestamp()), recorded);
  recorded_ms := round(extract(epoch from recorded) * 1000);

  -- Looking from the expected revision on meets one index entry, not every revision of a long stream.
  select array_agg(a.ordinal::integer) into moved
  from unnest(streams, bases) with ordinality as a (stream, base, ordinal)
  where a.base <> coalesce(
    (select max(e.revision) from log.events e where e.stream = a.stream and e.revision >= a.base), -1);

  if moved is null then
    insert into log.events (position, recorded_at, revision, id, stream, type, data, metadata)
    select head_before + n.ordinal, recorded, n.revision, n.id, n.stream, n.type, n.data, n.metadata
    from unnest(event_streams, revisions, ids, types, datas, metadatas)
      with ordinality as n (stream, revision, id, type, data, metadata, ordinal);
    perform pg_notify('log_appended', '');
    return;
  end if;

  with appends as (
    select
      a.ordinal, a.stream, a.base, a.count, a.ordinal = any (moved) as has_moved,
      sum(a.count) over (order by a.ordinal) - a.count as events_before,
      sum(case when a.ordinal = any (moved) then 0 else a.count end) over (order by a.ordinal) - a.count as written_before
    from unnest(streams, bases, counts) with ordinality as a (stream, base, count, ordinal)
  )
  select array_agg(
    case
      when has_moved then coalesce(
        log.find_append(stream, base, ids[events_before + 1 : events_before + count]),
        -2 - coalesce((select max(e.revision) from log.events e where e.stream = appends.stream), -1))
      else head_before + written_before + 1
    end order by ordinal) into firsts
  from appends;

  insert into log.events (position, recorded_at, revision, id, stream, type, data, metadata)
  select head_before + row_number() over (order by n.ordinal), recorded, n.revision, n.id, n.stream, n.type, n.data, n.metadata
  from unnest(event_streams, revisions, ids, types, datas, metadatas)
    with ordinality as n (stream, revision, id, type, data, metadata, ordinal)
  where n.stream not in (select streams[m] from unnest(moved) as m);
  if found then
    perform pg_notify('log_appended', '');
  end if;
end
$$;

revoke all on function log.append_batch(text[], integer[], integer[], text[], integer[], uuid[], text[], text[], text[])
  from public;
grant execute on function log.append_batch(text[], integer[], integer[], text[], integer[], uuid[], text[], text[], text[])
  to ledger_log;
