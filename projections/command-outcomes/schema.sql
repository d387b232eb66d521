-- A command whose events lie in two batches, or in two appends, has several rows: readers join them.
create table outcomes (
  first_position bigint not null,
  last_position bigint not null,
  first_revision integer not null,
  last_revision integer not null,
  stream text collate "C" not null,
  key text collate "C" not null,
  principal text collate "C" not null,
  body_hash text collate "C" not null
);
create index outcomes_by_key on outcomes (stream, key);

-- One row a use: the last use of an id answers for it.
create table used_ids (
  position bigint not null,
  revision integer not null,
  stream text collate "C" not null,
  id text collate "C" not null
);
create index used_ids_by_id on used_ids (stream, id);
