with handled as (
  insert into messaging.inbox (consumer, position, message_id, stream, outcome, reason)
  select $1, position, message_id, $2, outcome, reason
  from unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) as done (position, message_id, outcome, reason)
)
update messaging.parked set state = 'handled', ended_at = now()
where number = any($7::bigint[])
