update wallets w
set
  granted_period_ms = coalesce(d.granted_period_ms, w.granted_period_ms),
  -- Use in a later period replaces that of an earlier one; what is given back for an earlier one is forgotten with it.
  allowance_period_ms = greatest(d.allowance_period_ms, w.allowance_period_ms),
  allowance_used = case
    when d.allowance_period_ms > w.allowance_period_ms then d.allowance_used
    when d.allowance_period_ms = w.allowance_period_ms then w.allowance_used + d.allowance_used
    else w.allowance_used
  end,
  test_period_ms = greatest(d.test_period_ms, w.test_period_ms),
  test_runs = case
    when d.test_period_ms > w.test_period_ms then d.test_runs
    when d.test_period_ms = w.test_period_ms then w.test_runs + d.test_runs
    else w.test_runs
  end,
  uncollected = w.uncollected + d.uncollected,
  last_at_ms = d.last_at_ms,
  moved_at_ms = greatest(d.moved_at_ms, w.moved_at_ms)
from unnest(
  $1::text[], $2::bigint[], $3::bigint[], $4::numeric[], $5::bigint[], $6::integer[], $7::numeric[], $8::bigint[],
  $9::bigint[]
) as d (
  user_id, granted_period_ms, allowance_period_ms, allowance_used, test_period_ms, test_runs, uncollected, last_at_ms,
  moved_at_ms
)
where w.user_id = d.user_id
