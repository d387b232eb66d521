-- Rows of the wallet come as JSON arrays: one row, one snapshot. Amounts are texts, which JSON numbers would round.
select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  w.user_id, w.status, w.frozen_for, w.plan, w.plan_table, w.plan_table_version, w.coverage, w.opened_at_ms,
  w.granted_period_ms, w.allowance_period_ms, w.allowance_used, w.test_period_ms, w.test_runs, w.uncollected,
  w.private_prompts, w.storage_bytes, w.scheduled_plan, w.scheduled_at_ms, w.thresholds, w.last_at_ms,
  l.lots, h.holds, p.paid
from read.balances_checkpoint c
left join read.wallets w on w.user_id = $1
left join lateral (
  select json_agg(
    json_build_array(
      lot_id, kind, origin, original::text, remaining::text, added_at_ms, expires_at_ms, payment_id, expired::text,
      (revoked - reinstated + refunded_unrestored)::text, moved_out::text, cost_currency, cost_minor_units::text,
      cost_provider_fee::text
    )
  ) as lots
  from read.lots
  where user_id = w.user_id and remaining > 0
) l on true
left join lateral (
  select json_agg(
    json_build_array(
      hold_id, run_id, model, purpose, byok, creator_id, creator_fee::text, amount::text, allowance::text, policy,
      rate_card, rate_card_version, byok_fee_basis_points::text, held_at_ms, expires_at_ms, sequence, parts
    )
    order by sequence
  ) as holds
  from read.holds
  where user_id = w.user_id
) h on true
left join lateral (
  select json_agg(json_build_array(plan, from_ms, until_ms, paid_at_ms) order by paid_at_ms, payment_id) as paid
  from read.paid_periods
  where user_id = w.user_id
) p on true
