-- A page of what a user sees in the app, the newest first.
select seq, message_id, kind, data, at_ms, read_at_ms, updated_at_ms, locale
from notifications.messages
where user_id = $1 and in_app and ($2::bigint is null or seq < $2) and (not $3 or read_at_ms is null)
order by seq desc
limit $4
