-- What has served its time, a bounded part of it: $1 deliveries that ended before, $2 messages made before, $3 lots that
-- lapsed before, $4 how many of each at most.
with old_deliveries as (
  delete from notifications.deliveries where delivery_id in (
    select delivery_id from notifications.deliveries where ended_at_ms < $1 order by ended_at_ms limit $4
  ) returning 1
), old_messages as (
  delete from notifications.messages where message_id in (
    select message_id from notifications.messages where created_at_ms < $2 order by created_at_ms limit $4
  ) returning 1
), old_lots as (
  delete from notifications.told_lots where told_id in (
    select told_id from notifications.told_lots where expires_at_ms < $3 order by expires_at_ms limit $4
  ) returning 1
)
select
  (select count(*) from old_deliveries)::int + (select count(*) from old_messages)::int
    + (select count(*) from old_lots)::int as removed
