-- Who consumes, which log its positions belong to, and when one of its workers was last seen.
create table messaging.consumers (
  name text primary key collate "C",
  log_id text not null collate "C",
  seen_at timestamptz not null default now()
);

-- High water of each stream: whatever lies at or below it was handled or is parked. One row a stream, kept for ever.
create table messaging.streams (
  consumer text not null collate "C",
  stream text not null collate "C",
  position bigint not null default 0,
  -- retrying: what is parked is drained by a worker, from due_at on; parked: it waits for an operator.
  state text not null default 'flowing' check (state in ('flowing', 'retrying', 'parked')),
  due_at timestamptz,
  primary key (consumer, stream)
) with (fillfactor = 80);

create index streams_waiting on messaging.streams (consumer, state, due_at) where state <> 'flowing';

-- Every message that was handled, in the transaction of its effect. Its key is the last line of defence: nothing is
-- handled twice, whatever the code above believes.
create table messaging.inbox (
  consumer text not null collate "C",
  position bigint not null,
  message_id text not null collate "C",
  stream text not null collate "C",
  outcome text not null check (outcome in ('done', 'skipped')),
  -- Why there was nothing to do.
  reason text,
  handled_at timestamptz not null default now(),
  primary key (consumer, position)
);

create index inbox_handled_at on messaging.inbox using brin (handled_at);
