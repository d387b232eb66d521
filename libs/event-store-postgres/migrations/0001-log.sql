-- The log: events are inserted and read, never changed. The role of the store holds no other right on them.
-- Roles belong to the whole cluster: another database may be making this one at the same moment.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ledger_log') then
    begin
      create role ledger_log nologin;
    exception
      when duplicate_object or unique_violation then null;
    end;
  end if;
  -- A login that is no superuser must be a member to take the role on.
  if not pg_has_role(current_user, 'ledger_log', 'member') then
    execute format('grant ledger_log to %I', current_user);
  end if;
end
$$;

create schema log;

create table log.identity (
  only_row boolean primary key default true check (only_row),
  log_id text not null check (log_id ~ '^[0-9a-f]{8}$'),
  created_at timestamptz not null default clock_timestamp()
);
comment on table log.identity is 'Names this log: every position handed out carries log_id, and another log refuses it.';
insert into log.identity (log_id) values (left(replace(gen_random_uuid()::text, '-', ''), 8));

-- Fixed-width columns first: no padding. data and metadata are text, not json: the exact bytes are kept.
create table log.events (
  position bigint not null,
  recorded_at timestamptz not null,
  revision integer not null check (revision >= 0),
  id uuid not null,
  stream text collate "C" not null,
  type text collate "C" not null,
  data text collate "C" not null,
  metadata text collate "C" not null,
  constraint events_position primary key (position),
  constraint events_stream_revision unique (stream, revision)
);
comment on table log.events is 'One row an event, in commit order of position, without gaps. Read log.readable for JSON.';

-- A text that is no JSON is shown as a string, so that one such row does not hide the others.
create view log.readable as
select
  position,
  recorded_at,
  stream,
  revision,
  type,
  id,
  case when pg_input_is_valid(data, 'json') then data::json else to_json(data) end as data,
  case when pg_input_is_valid(metadata, 'json') then metadata::json else to_json(metadata) end as metadata
from log.events;
comment on view log.readable is 'The log for people with psql: data and metadata as JSON.';

revoke all on schema log from public;
grant usage on schema log to ledger_log;
grant select on log.identity, log.readable to ledger_log;
grant select, insert on log.events to ledger_log;
