create schema if not exists platform;

create table if not exists platform.migrations (
  name       text        not null,
  file       text        not null,
  sha256     text        not null,
  applied_at timestamptz not null default now(),
  primary key (name, file)
);

comment on table platform.migrations is 'One row for each migration file that was applied, with the SHA-256 of its text.';
