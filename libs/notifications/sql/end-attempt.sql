-- What a try has come to. Changes nothing when its time was over and somebody else has the delivery in hand, except the
-- record of the try itself.
with noted as (
  update notifications.attempts set outcome = $4, status = $5, detail = $6, duration_ms = $7
  where delivery_id = $1 and number = $3
)
update notifications.deliveries
set
  state = $8, reason = $9, due_at_ms = coalesce($10::bigint, due_at_ms), ended_at_ms = $11::bigint, lease = null
where delivery_id = $1 and lease = $2 and state = 'waiting'
