create table wallets (
  opened_at_ms bigint not null,
  granted_period_ms bigint not null,
  allowance_period_ms bigint not null,
  test_period_ms bigint not null,
  last_at_ms bigint not null,
  moved_at_ms bigint not null,
  scheduled_at_ms bigint,
  test_runs integer not null default 0 check (test_runs >= 0),
  private_prompts integer not null default 0 check (private_prompts >= 0),
  plan_table_version integer not null,
  -- No bigint holds the sum of 10,000 prompts of 10^15 bytes.
  storage_bytes numeric not null default 0 check (storage_bytes >= 0),
  allowance_used numeric not null default 0 check (allowance_used >= 0),
  uncollected numeric not null default 0 check (uncollected >= 0),
  user_id text collate "C" primary key,
  status text collate "C" not null,
  frozen_for text collate "C",
  plan text collate "C" not null,
  plan_table text collate "C" not null,
  coverage text collate "C" not null,
  scheduled_plan text collate "C",
  thresholds text collate "C" not null default ''
) with (fillfactor = 70);
comment on column wallets.last_at_ms is 'Last event that changed this row; changes of lots and holds carry their own time.';
comment on column wallets.moved_at_ms is 'The same for what somebody asked for, leaving out what time alone did.';
comment on column wallets.thresholds is 'Credits, the largest first, with commas between them.';

-- What time will make due. The columns change rarely or never, so use and draws are still HOT updates; each index has
-- a condition that questions about one user do not imply, so that these keep to the primary keys.
create index wallets_by_period on wallets (granted_period_ms, user_id) where granted_period_ms > 0;
create index wallets_that_may_fall on wallets (user_id) where coverage = 'paid' or scheduled_plan is not null;

create table lots (
  original bigint not null,
  added_at_ms bigint not null,
  moved_at_ms bigint not null,
  expires_at_ms bigint,
  first_revision integer not null,
  -- Sums over all that ever happened to the lot; what is left may hold them for the length of a batch.
  remaining numeric not null check (remaining >= 0),
  restored numeric,
  expired numeric,
  revoked numeric,
  reinstated numeric,
  refunded_unrestored numeric,
  moved_out numeric,
  cost_minor_units bigint,
  cost_provider_fee bigint,
  user_id text collate "C" not null,
  lot_id text collate "C" not null,
  kind text collate "C" not null,
  origin text collate "C" not null,
  payment_id text collate "C",
  cost_currency text collate "C",
  primary key (user_id, lot_id)
) with (fillfactor = 50);
comment on table lots is 'A lot used up stays with remaining 0: a refund may restore it. No column that a draw changes is indexed, so a draw is a HOT update. What is reserved stands with the holds alone.';
comment on column lots.moved_at_ms is 'When somebody last moved the lot; 0 when only time did (a grant of the month, an expiry).';
comment on column lots.first_revision is 'Of the event in the stream of the wallet that made the lot: its movements lie at or behind it.';
-- Amounts that most lots never have are null: they cost a draw nothing. Monthly lots lapse with the period's roll.
create index lots_by_expiry on lots (expires_at_ms, user_id) where expires_at_ms is not null and kind <> 'monthly';

create table holds (
  held_at_ms bigint not null,
  expires_at_ms bigint not null,
  creator_fee bigint not null,
  amount bigint not null,
  allowance bigint not null,
  byok_fee_basis_points bigint not null,
  sequence integer not null,
  rate_card_version integer not null,
  byok boolean not null,
  user_id text collate "C" not null,
  hold_id text collate "C" not null,
  run_id text collate "C" not null,
  model text collate "C" not null,
  purpose text collate "C" not null,
  creator_id text collate "C",
  policy text collate "C" not null,
  rate_card text collate "C" not null,
  parts jsonb not null,
  primary key (user_id, hold_id)
);
comment on table holds is 'Open holds; settled and released ones are gone. parts: [{lotId, kind, origin, amount}], amounts as text.';
create index holds_by_expiry on holds (expires_at_ms, user_id) where expires_at_ms > 0;

create table paid_periods (
  paid_at_ms bigint not null,
  from_ms bigint not null,
  until_ms bigint not null,
  amount bigint not null,
  user_id text collate "C" not null,
  payment_id text collate "C" not null,
  plan text collate "C" not null,
  primary key (user_id, payment_id)
);

create table prompts (
  size_bytes bigint not null,
  user_id text collate "C" not null,
  prompt_id text collate "C" not null,
  visibility text collate "C" not null,
  primary key (user_id, prompt_id)
);
comment on table prompts is 'A deleted prompt stays with visibility deleted and size 0.';
