update wallets w
set
  granted_period_ms = coalesce(d.granted_period_ms, w.granted_period_ms),
  allowance_period_ms = coalesce(d.allowance_period_ms, w.allowance_period_ms),
  -- The allowance starts anew in each period.
  allowance_used = case
    when d.allowance_period_ms is null or d.allowance_period_ms = w.allowance_period_ms
      then w.allowance_used + d.allowance_used
    else d.allowance_used
  end,
  last_at_ms = d.last_at_ms
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::numeric[], $5::bigint[])
  as d (user_id, granted_period_ms, allowance_period_ms, allowance_used, last_at_ms)
where w.user_id = d.user_id
