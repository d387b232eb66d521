create table wallets (
  opened_at_ms bigint not null,
  granted_period_ms bigint not null,
  allowance_period_ms bigint not null,
  last_at_ms bigint not null,
  allowance_used numeric not null,
  plan_table_version integer not null,
  user_id text collate "C" primary key,
  plan text collate "C" not null,
  plan_table text collate "C" not null
) with (fillfactor = 70);

create table lots (
  original bigint not null,
  remaining bigint not null check (remaining >= 0),
  added_at_ms bigint not null,
  last_at_ms bigint not null,
  expires_at_ms bigint,
  user_id text collate "C" not null,
  lot_id text collate "C" not null,
  kind text collate "C" not null,
  origin text collate "C" not null,
  payment_id text collate "C",
  primary key (user_id, lot_id)
) with (fillfactor = 50);
comment on table lots is 'A lot used up stays with remaining 0: a refund may restore it. Nothing but the key is indexed, so a draw is a HOT update.';
