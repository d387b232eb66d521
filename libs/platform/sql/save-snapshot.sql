with older as (
  -- During an upgrade the version before is still in use by other processes.
  delete from platform.snapshots where stream = $1 and version < $2 - 1
)
insert into platform.snapshots as kept (stream, version, log_id, revision, position, event_id, checksum, data)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (stream, version) do update
set log_id = excluded.log_id, revision = excluded.revision, position = excluded.position,
  event_id = excluded.event_id, checksum = excluded.checksum, data = excluded.data, saved_at = now()
