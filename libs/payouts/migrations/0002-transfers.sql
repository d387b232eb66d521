-- In the order in which a transfer may move on by itself: greatest() of two is the later one.
create type payouts.transfer_state as enum
  ('waiting', 'attempted', 'collected', 'withdrawn', 'sent', 'settled', 'failed');
create type payouts.ledger_state as enum ('requested', 'sent', 'settled', 'failed');

create table payouts.transfers (
  seq bigint generated always as identity unique,
  amount_cents bigint not null check (amount_cents > 0),
  attempts integer not null default 0,
  tries integer not null default 0,
  lease bigint not null default 0,
  version bigint not null default 0,
  due_at timestamptz,
  leased_until timestamptz,
  last_attempt_at timestamptz,
  requested_at timestamptz not null,
  changed_at timestamptz not null default now(),
  state payouts.transfer_state not null default 'waiting',
  ledger_state payouts.ledger_state not null default 'requested',
  failed_from payouts.ledger_state,
  -- Whether the log has taken down that we have sent it: not when somebody else says so.
  sent_recorded boolean not null default false,
  creator_id text collate "C" not null,
  payout_id text collate "C" not null,
  currency text collate "C" not null,
  provider text collate "C" not null,
  destination text collate "C" not null,
  reference text collate "C",
  failure_code text collate "C",
  failure_reason text collate "C",
  conflict text collate "C",
  conflict_detail text,
  last_error text,
  primary key (creator_id, payout_id)
) with (fillfactor = 70);
create index transfers_due on payouts.transfers (due_at) where due_at is not null;
create index transfers_by_state on payouts.transfers (state, seq);
create index transfers_by_creator on payouts.transfers (creator_id, seq);
create index transfers_in_conflict on payouts.transfers (seq) where conflict is not null;
create index transfers_by_reference on payouts.transfers (reference) where reference is not null;
comment on table payouts.transfers is 'One row a payout: what its provider has made of it (state), and what the log says of it (ledger_state).';
comment on column payouts.transfers.version is 'Raised by whoever changes the row without its lease.';

create table payouts.transfer_history (
  seq bigint generated always as identity primary key,
  at timestamptz not null default now(),
  state payouts.transfer_state not null,
  ledger_state payouts.ledger_state not null,
  creator_id text collate "C" not null,
  payout_id text collate "C" not null,
  conflict text collate "C",
  note text
);
create index transfer_history_of on payouts.transfer_history (creator_id, payout_id, seq);

-- Every move is kept, whoever makes it.
create function payouts.keep_history() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.state, new.ledger_state, new.conflict) is distinct from (old.state, old.ledger_state, old.conflict)
  then
    insert into payouts.transfer_history (creator_id, payout_id, state, ledger_state, conflict, note)
    values (new.creator_id, new.payout_id, new.state, new.ledger_state, new.conflict,
            coalesce(new.conflict_detail, new.failure_code, new.last_error));
  end if;
  return null;
end
$$;
create trigger transfers_history after insert or update on payouts.transfers
  for each row execute function payouts.keep_history();

create table payouts.files (
  file_no bigint generated always as identity primary key,
  created_at timestamptz not null default now(),
  written_at timestamptz,
  name text collate "C" not null unique
);

create table payouts.file_lines (
  file_no bigint references payouts.files,
  amount_cents bigint not null,
  collected_at timestamptz not null default now(),
  creator_id text collate "C" not null,
  payout_id text collate "C" not null,
  currency text collate "C" not null,
  destination text collate "C" not null,
  primary key (creator_id, payout_id)
);
create index file_lines_of on payouts.file_lines (file_no);
comment on table payouts.file_lines is 'Which file lists a payout: decided here, once, before the file is written.';

create table payouts.provider_notices (
  received_at timestamptz not null default now(),
  due_at timestamptz default now(),
  done_at timestamptz,
  tries integer not null default 0,
  provider text collate "C" not null,
  id text collate "C" not null,
  type text collate "C" not null,
  outcome text,
  notice jsonb not null,
  primary key (provider, id)
);
create index provider_notices_due on payouts.provider_notices (due_at) where due_at is not null;
comment on table payouts.provider_notices is 'What providers have told by webhook, each once, and what came of it.';
