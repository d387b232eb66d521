select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  found.stream, found.key, found.principal, found.body_hash, found.first_revision, found.last_revision, found.id
from read.command_outcomes_checkpoint c
join read.command_outcomes_version v on v.version = $8
left join (
  select o.stream, o.key, o.principal, o.body_hash, o.first_revision, o.last_revision, null as id
  from unnest($1::text[], $2::text[], $3::text[], $4::integer[]) as asked (stream, key, principal, up_to)
  cross join lateral (
    select *
    from read.command_outcomes
    where stream = asked.stream collate "C" and key = asked.key collate "C" and principal = asked.principal collate "C"
    -- Keeps the planner from grouping the whole table before it looks for the keys.
    offset 0
  ) o
  where o.last_revision <= asked.up_to
  union all
  select asked.stream, null, null, null, used.revision, used.revision, asked.id
  from unnest($5::text[], $6::text[], $7::integer[]) as asked (stream, id, up_to)
  cross join lateral (
    select max(revision) as revision
    from read.used_ids
    where stream = asked.stream collate "C" and id = asked.id collate "C" and revision <= asked.up_to
  ) used
  where used.revision is not null
) found on true
