insert into platform.checkpoints as saved (name, log_id, position)
values ($1, split_part($2, '-', 1), split_part($2, '-', 2)::bigint)
on conflict (name) do update
  set log_id = excluded.log_id, position = excluded.position, saved_at = now()
  where saved.log_id = excluded.log_id and saved.position < excluded.position
