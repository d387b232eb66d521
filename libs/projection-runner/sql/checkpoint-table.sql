-- Part of every copy, so that rows and position can only be seen, swapped and dropped together.
create table checkpoint (
  only_row boolean primary key default true check (only_row),
  log_id text not null,
  position bigint not null,
  recorded_at_ms bigint not null,
  events bigint not null
) with (fillfactor = 10);
