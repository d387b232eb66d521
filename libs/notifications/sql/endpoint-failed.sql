-- A try has failed. Switches the endpoint off when it is gone ($3), or when all tries since $4 or longer have failed;
-- tells it only to the one whose statement did.
with failed as (
  update notifications.endpoints
  set
    failing_since_ms = coalesce(failing_since_ms, $2),
    state = case when $3 or coalesce(failing_since_ms, $2) <= $4 then 'disabled' else state end,
    disabled_at_ms = case when $3 or coalesce(failing_since_ms, $2) <= $4 then $2 else disabled_at_ms end,
    disabled_for = case when $3 then 'gone' when coalesce(failing_since_ms, $2) <= $4 then 'failing' end
  where endpoint_id = $1 and state = 'active'
  returning endpoint_id, user_id, url, state, disabled_for, failing_since_ms
)
select user_id, url, disabled_for, failing_since_ms from failed where state = 'disabled'
