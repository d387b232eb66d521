-- Which log this database belongs to: its read models, checkpoints and inboxes are of that log and of no other.
create table platform.bound_log (
  only_row boolean primary key default true check (only_row),
  log_id text not null collate "C",
  -- Where the log was when the database was bound to it, in words for a person.
  place text not null,
  bound_at timestamptz not null default now()
);

-- A database that was in use before this table belongs to the log that it holds.
do $$
begin
  if to_regclass('log.identity') is not null then
    execute 'insert into platform.bound_log (log_id, place) select log_id, ''this Postgres'' from log.identity';
  end if;
end
$$;
