-- Messages that wait, whole: the one that failed and the later ones of its stream, in the order they came.
create table messaging.parked (
  number bigint primary key generated always as identity,
  consumer text not null collate "C",
  stream text not null collate "C",
  -- Of the event; where the message lay when it could not be read.
  message_id text not null collate "C",
  -- Unknown for a message that could not be read.
  position bigint,
  -- The public event, as text.
  event json,
  -- What came instead when it could not be read: everything needed to try again.
  raw json,
  state text not null default 'waiting' check (state in ('waiting', 'handled', 'dropped')),
  reason text not null,
  -- [{ "at": ..., "error": ... }], oldest first.
  tries json not null default '[]',
  -- Since it was parked, or since an operator asked for another round.
  tries_of_round integer not null default 0,
  parked_at timestamptz not null default now(),
  dead_letter text not null default 'none' check (dead_letter in ('none', 'due', 'published')),
  ended_at timestamptz,
  dropped_by text,
  drop_reason text,
  check (num_nonnulls(event, raw) = 1),
  check ((state = 'waiting') = (ended_at is null)),
  check ((state = 'dropped') = (drop_reason is not null and dropped_by is not null)),
  unique (consumer, message_id)
);

create index parked_waiting on messaging.parked (consumer, stream, number) where state = 'waiting';
create index parked_dead_letters on messaging.parked (consumer, number) where dead_letter = 'due';
create index parked_ended on messaging.parked (ended_at) where state <> 'waiting';
