create or replace view read.wallets as
select
  user_id, plan, plan_table, plan_table_version, opened_at_ms, granted_period_ms, allowance_period_ms, allowance_used,
  -- A draw is written to the lot alone.
  greatest(last_at_ms, (select max(l.last_at_ms) from lots l where l.user_id = w.user_id)) as last_at_ms
from wallets w;
comment on view read.wallets is 'One row a wallet. Times in milliseconds since the epoch, amounts in credits.';

create or replace view read.lots as
select user_id, lot_id, kind, origin, original, remaining, added_at_ms, expires_at_ms, payment_id, last_at_ms
from lots;
comment on view read.lots is 'Credits that came in together and lapse together; lapsed ones stay until their expiry is recorded.';
