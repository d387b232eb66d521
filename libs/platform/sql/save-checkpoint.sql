-- Not waited for on disk: after a crash of Postgres an older checkpoint repeats work, which process managers allow for.
with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
insert into platform.checkpoints as saved (name, log_id, position)
select $1, split_part($2, '-', 1), split_part($2, '-', 2)::bigint from relaxed
on conflict (name) do update
  set log_id = excluded.log_id, position = excluded.position, saved_at = now()
  where saved.log_id = excluded.log_id and saved.position < excluded.position
