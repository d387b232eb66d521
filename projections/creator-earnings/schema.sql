create table creator_earnings (
  prompt_sources bigint not null,
  flow_sources bigint not null,
  first_earned_at_ms bigint not null,
  last_earned_at_ms bigint not null,
  creator_id text collate "C" primary key,
  accrued numeric not null
) with (fillfactor = 50);
