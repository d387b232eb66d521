create table plan_changes (
  position bigint not null,
  occurred_at_ms bigint not null,
  user_id text collate "C" not null,
  plan text collate "C" not null,
  primary key (user_id, position)
);
comment on table plan_changes is 'The first row of a user is the plan of the opening.';
