select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  t.position as transaction_position, t.type, t.amount_exact as amount, t.allowance, t.uncollected, t.balance_after, t.available_after,
  t.occurred_at_ms, t.event_id, t.reference, t.refund_id, t.hold_id, t.lot_id, t.lot_kind, t.model, t.creator_id, t.plan,
  t.reason, t.inference, t.markup, t.byok_fee, t.creator_fee, t.paid
from read.transactions_checkpoint c
left join lateral (
  select *
  from read.transactions
  where user_id = $1
    and position < coalesce($2::bigint, 9223372036854775807)
    and ($3::text is null or type = $3)
    and ($4::bigint is null or occurred_at_ms >= $4)
    and ($5::bigint is null or occurred_at_ms < $5)
  order by position desc
  limit $6
) t on true
order by t.position desc
