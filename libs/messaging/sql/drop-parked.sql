-- When the first one of its stream goes, the next may go on.
with first as (
  select min(each.number) as number
  from messaging.parked as each
  where each.consumer = $1 and each.stream = $5 and each.state = 'waiting'
),
dropped as (
  update messaging.parked set state = 'dropped', ended_at = now(), dropped_by = $3, drop_reason = $4
  where consumer = $1 and message_id = $2 and state = 'waiting'
  returning number
),
going_on as (
  update messaging.streams set state = 'retrying', due_at = clock_timestamp()
  where consumer = $1 and stream = $5 and (select number from dropped) = (select number from first)
)
select count(*)::int as dropped from dropped
