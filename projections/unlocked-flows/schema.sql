create table unlocked_flows (
  position bigint not null,
  unlocked_at_ms bigint not null,
  refunded_at_ms bigint,
  price bigint not null,
  creator_share bigint not null,
  platform_share bigint not null,
  event_id uuid not null,
  user_id text collate "C" not null,
  flow_id text collate "C" not null,
  creator_id text collate "C" not null,
  primary key (user_id, flow_id)
);
