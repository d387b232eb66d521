-- Commands whose effect is rows, not events: what a key has done already, in the transaction that did it.
create table platform.keyed_requests (
  at timestamptz not null default now(),
  principal text collate "C" not null,
  scope text collate "C" not null,
  key text collate "C" not null,
  body_hash text collate "C" not null,
  reply text not null,
  primary key (principal, scope, key)
);
comment on table platform.keyed_requests is 'Kept for ever, like the keys of commands in the log.';
