-- Folded states of long streams, so that a start need not read them whole. Disposable: all of it may be deleted.
create table platform.snapshots (
  stream text not null collate "C",
  -- Of the fold that made it.
  version integer not null,
  log_id text not null collate "C",
  revision integer not null,
  position bigint not null,
  event_id text not null collate "C",
  checksum text not null collate "C",
  data text not null collate "C",
  saved_at timestamptz not null default now(),
  primary key (stream, version)
);
comment on table platform.snapshots is 'Folded states of long streams by stream and version of the fold; may be emptied at any time.';
