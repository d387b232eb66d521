select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  w.user_id, w.plan, w.plan_table, w.plan_table_version, w.opened_at_ms, w.granted_period_ms, w.allowance_period_ms,
  w.allowance_used, w.last_at_ms,
  l.lot_id, l.kind, l.origin, l.original, l.remaining, l.added_at_ms, l.expires_at_ms, l.payment_id
from read.balances_checkpoint c
left join read.wallets w on w.user_id = $1
left join read.lots l on l.user_id = w.user_id and l.remaining > 0
