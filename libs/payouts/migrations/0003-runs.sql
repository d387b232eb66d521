create table payouts.runs (
  seq bigint generated always as identity unique,
  judged_at timestamptz not null,
  prepared_at timestamptz not null default now(),
  decided_at timestamptz,
  started_at timestamptz,
  done_at timestamptz,
  run_id text collate "C" primary key,
  -- Of a scheduled run, for example monthly:2026-11-01: there is one run a period.
  period text collate "C" unique,
  state text collate "C" not null default 'prepared'
    check (state in ('prepared', 'approved', 'rejected', 'running', 'done')),
  position text collate "C" not null,
  prepared_by text collate "C" not null,
  decided_by text collate "C"
);
create index runs_open on payouts.runs (seq) where state in ('approved', 'running');

create table payouts.run_items (
  seq bigint generated always as identity unique,
  amount_cents bigint not null,
  requested_cents bigint,
  payable numeric not null,
  run_id text collate "C" not null references payouts.runs,
  creator_id text collate "C" not null,
  state text collate "C" not null check (state in ('listed', 'excluded', 'requested', 'skipped')),
  provider text collate "C",
  destination text collate "C",
  -- Why it is excluded, or the code by which the request was refused.
  reason text collate "C",
  payout_id text collate "C",
  primary key (run_id, creator_id)
);
create index run_items_pages on payouts.run_items (run_id, seq);
create index run_items_listed on payouts.run_items (run_id, seq) where state = 'listed';

-- The schedule that runs are made by, and since when: periods that began before it was set get no run.
create table payouts.schedule (
  only_row boolean primary key default true check (only_row),
  since timestamptz not null,
  schedule text collate "C" not null
);
