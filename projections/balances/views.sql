create or replace view read.wallets as
select
  user_id, plan, plan_table, plan_table_version, opened_at_ms, granted_period_ms, allowance_period_ms, allowance_used,
  -- A draw is written to the lot alone, and a hold to the holds.
  greatest(
    last_at_ms,
    (select max(l.moved_at_ms) from lots l where l.user_id = w.user_id),
    (select max(h.held_at_ms) from holds h where h.user_id = w.user_id)
  ) as last_at_ms,
  status, frozen_for, coverage, scheduled_plan, scheduled_at_ms, test_period_ms, test_runs, uncollected,
  private_prompts, storage_bytes, thresholds,
  greatest(
    moved_at_ms,
    (select max(l.moved_at_ms) from lots l where l.user_id = w.user_id),
    (select max(h.held_at_ms) from holds h where h.user_id = w.user_id)
  ) as moved_at_ms
from wallets w;
comment on view read.wallets is 'One row a wallet. Times in milliseconds since the epoch, amounts in credits.';

create or replace view read.lots as
select
  -- At rest it is never more than came in.
  user_id, lot_id, kind, origin, original, remaining::bigint as remaining, added_at_ms, expires_at_ms, payment_id,
  greatest(added_at_ms, moved_at_ms) as last_at_ms,
  first_revision, coalesce(restored, 0) as restored, coalesce(expired, 0) as expired, coalesce(revoked, 0) as revoked,
  coalesce(reinstated, 0) as reinstated, coalesce(refunded_unrestored, 0) as refunded_unrestored,
  coalesce(moved_out, 0) as moved_out, cost_currency, cost_minor_units, cost_provider_fee,
  -- Spent, refunds not taken off.
  original + coalesce(restored, 0) + coalesce(reinstated, 0) - coalesce(expired, 0) - coalesce(revoked, 0) - remaining
    as drawn
from lots;
comment on view read.lots is
  'Credits that came in together and lapse together; lapsed ones stay until their expiry is recorded. What is reserved of a lot is the sum of its parts in read.hold_parts.';

create or replace view read.holds as
select
  user_id, hold_id, run_id, model, purpose, byok, creator_id, creator_fee, amount, allowance, policy, rate_card,
  rate_card_version, byok_fee_basis_points, held_at_ms, expires_at_ms, sequence, parts
from holds;
comment on view read.holds is 'One row an open hold, also past its expiry until its time-out is recorded. Amounts in credits.';

create or replace view read.hold_parts as
select h.user_id, h.hold_id, p.lot_id, p.kind, p.origin, p.amount
from holds h
cross join lateral (
  select part ->> 'lotId' as lot_id, part ->> 'kind' as kind, part ->> 'origin' as origin,
    (part ->> 'amount')::bigint as amount
  from jsonb_array_elements(h.parts) part
) p;
comment on view read.hold_parts is 'One row a part of a lot that an open hold has reserved, in credits.';

create or replace view read.paid_periods as
select user_id, payment_id, plan, amount, paid_at_ms, from_ms, until_ms
from paid_periods;
comment on view read.paid_periods is 'One row a payment that lets a paid plan run from from_ms to before until_ms.';

create or replace view read.prompts as
select user_id, prompt_id, visibility, size_bytes
from prompts
where visibility <> 'deleted';
comment on view read.prompts is 'One row a prompt that a user has, with its size in bytes.';
