-- How far each process manager came: a position of the log it reads, which never goes back.
create table platform.checkpoints (
  name text primary key collate "C",
  log_id text not null collate "C",
  position bigint not null,
  saved_at timestamptz not null default now()
);
