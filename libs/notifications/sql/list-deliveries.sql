-- A page of what was sent to an endpoint, the newest first, each with its tries.
select
  d.delivery_id, d.seq, d.type, d.state, d.reason, d.created_at_ms, d.due_at_ms, d.ended_at_ms,
  coalesce(
    (
      select json_agg(
        json_build_object(
          'number', a.number, 'at', a.at_ms, 'durationMs', a.duration_ms, 'outcome', a.outcome, 'status', a.status
        ) order by a.number
      )
      from notifications.attempts a where a.delivery_id = d.delivery_id
    ),
    '[]'
  ) as attempts
from notifications.deliveries d
where d.endpoint_id = $1 and d.channel = 'webhook'
  and ($2::bigint is null or d.seq < $2)
order by d.seq desc
limit $3
