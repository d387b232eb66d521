-- Nobody could be reached: it was no try of this delivery.
with forgotten as (
  delete from notifications.attempts where delivery_id = $1 and number = $3
)
update notifications.deliveries
set due_at_ms = $4, attempts = attempts - 1, lease = null
where delivery_id = $1 and lease = $2 and state = 'waiting'
