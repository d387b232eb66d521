create table creator_earnings (
  prompt_sources bigint not null,
  flow_sources bigint not null,
  first_earned_at_ms bigint,
  last_earned_at_ms bigint,
  creator_id text collate "C" primary key,
  destination_provider text collate "C",
  destination_reference text collate "C",
  earned numeric not null,
  reversed numeric not null,
  in_payout numeric not null,
  paid numeric not null
) with (fillfactor = 50);

create table creator_days (
  day_ms bigint not null,
  creator_id text collate "C" not null,
  earned numeric not null,
  reversed numeric not null,
  primary key (creator_id, day_ms)
) with (fillfactor = 50);

create table creator_movements (
  month_ms bigint not null,
  count bigint not null,
  creator_id text collate "C" not null,
  kind text collate "C" not null,
  amount numeric not null,
  primary key (creator_id, month_ms, kind)
) with (fillfactor = 50);

create table creator_payouts (
  position bigint not null,
  amount bigint not null,
  requested_at_ms bigint,
  sent_at_ms bigint,
  settled_at_ms bigint,
  failed_at_ms bigint,
  creator_id text collate "C" not null,
  payout_id text collate "C" not null,
  state text collate "C" not null,
  provider text collate "C",
  destination text collate "C",
  reference text collate "C",
  failed_from text collate "C",
  reason text collate "C",
  primary key (creator_id, payout_id)
) with (fillfactor = 80);
create index creator_payouts_newest on creator_payouts (creator_id, position);
