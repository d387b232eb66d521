create or replace view read.transactions as
select
  position, user_id, type, amount, allowance, balance_after, occurred_at_ms, event_id, reference, lot_id, lot_kind,
  model, creator_id, reason, inference, markup, byok_fee, creator_fee
from transactions;
comment on view read.transactions is
  'One row a wallet event that moves credits. amount is signed (what lots gained or lost), balance_after is available.';
