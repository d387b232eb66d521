select
  e.endpoint_id, e.url, e.types, e.state, e.disabled_for, e.created_at_ms, e.failing_since_ms, e.disabled_at_ms,
  (
    select max(s.valid_until_ms) from notifications.endpoint_secrets s
    where s.endpoint_id = e.endpoint_id and s.valid_until_ms > $3
  ) as old_secret_until_ms
from notifications.endpoints e
where e.user_id = $1 and ($2::uuid is null or e.endpoint_id = $2)
order by e.created_at_ms, e.endpoint_id
