-- How far the log was published to one Kafka cluster under one prefix. Written by the leading relay alone, through the
-- connection that holds its lock; a new leader takes a new epoch, after which the one before can write nothing.
create table messaging.relays (
  -- The cluster's own id: another cluster, or other topics in the same one, begin at the start of the log.
  cluster_id text not null collate "C",
  topic_prefix text not null collate "C",
  log_id text not null collate "C",
  epoch bigint not null,
  -- Everything at or before it was acknowledged by the brokers, or is private.
  position bigint not null,
  -- When the store recorded the last event that was published.
  recorded_at timestamptz,
  advanced_at timestamptz not null default now(),
  primary key (cluster_id, topic_prefix)
);
