-- Read models: copies of each in schemas of their own, views over the current ones in schema read.
-- Roles belong to the whole cluster: another database may be making these at the same moment.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['ledger_projections', 'ledger_readers'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception
        when duplicate_object or unique_violation then null;
      end;
    end if;
    -- A login that is no superuser must be a member to take the role on.
    if not pg_has_role(current_user, role_name, 'member') then
      execute format('grant %I to %I', role_name, current_user);
    end if;
  end loop;
  -- Each copy of a projection is a schema.
  execute format('grant create on database %I to ledger_projections', current_database());
end
$$;

create schema projections authorization ledger_projections;
create schema read authorization ledger_projections;
comment on schema projections is 'Which copies of which projections exist.';
comment on schema read is 'What readers use: views over the current copies. Columns are only ever added.';

grant usage on schema read to ledger_readers;
alter default privileges for role ledger_projections in schema read grant select on tables to ledger_readers;

create table projections.copies (
  name text collate "C" not null,
  copy integer not null check (copy > 0),
  version integer not null,
  state text not null check (state in ('building', 'live', 'retired')),
  created_at timestamptz not null default now(),
  primary key (name, copy)
);
alter table projections.copies owner to ledger_projections;
create unique index copies_live on projections.copies (name) where state = 'live';
comment on table projections.copies is 'One row a copy: schema p_<name>_<copy>. One copy of each name is live, readers see it.';
