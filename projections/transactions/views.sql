create or replace view read.transactions as
select
  position, user_id, type,
  -- Readers know it as a bigint: what no bigint holds is in amount_exact.
  least(greatest(amount, -9223372036854775808), 9223372036854775807)::bigint as amount,
  allowance, balance_after, occurred_at_ms, event_id, reference, lot_id, lot_kind, model, creator_id, reason,
  inference, markup, byok_fee, creator_fee, uncollected, available_after, paid, refund_id, hold_id, plan, amount as amount_exact
from transactions;
comment on view read.transactions is
  'One row a wallet event that moves credits. amount is signed (what lots gained or lost); balance_after is what is in the lots then, held or not, so each follows from the one before; available_after leaves out what holds have reserved.';
