-- Whether the same threshold was told, aloud, in the span before.
select from notifications.messages
where kind = 'low_balance' and user_id = $1 and at_ms > $2 and at_ms <= $3
  and data ->> 'threshold' = $4 and not quiet and message_id <> $5
limit 1
