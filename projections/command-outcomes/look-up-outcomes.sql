select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  o.stream, o.key, o.principal, o.body_hash, o.first_revision, o.last_revision, o.first_position, o.last_position
from read.command_outcomes_checkpoint c
left join (
  unnest($1::text[], $2::text[], $3::text[]) as k (stream, key, principal)
  cross join lateral (
    select *
    from read.command_outcomes v
    where v.stream = k.stream collate "C" and v.key = k.key collate "C" and v.principal = k.principal collate "C"
    -- Keeps the planner from grouping the whole table before it looks for the keys.
    offset 0
  ) o
) on true
