-- Dropped ones are the record of what was dropped: they stay.
delete from messaging.parked
where number = any(array(
  select number from messaging.parked
  where state = 'handled' and ended_at < now() - $1 * interval '1 day'
  limit $2
))
