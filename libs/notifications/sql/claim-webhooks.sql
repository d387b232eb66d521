-- As claim-mails, a few of each endpoint, so that one that answers slowly holds up its own messages alone. $5 of an
-- endpoint at most, none of those in $6.
with taken as (
  select due.delivery_id
  from notifications.endpoints e
  cross join lateral (
    select d.delivery_id, d.due_at_ms from notifications.deliveries d
    where d.endpoint_id = e.endpoint_id and d.state = 'waiting' and d.channel = 'webhook' and d.due_at_ms <= $1
    order by d.due_at_ms
    limit $5
    for update skip locked
  ) due
  where e.state = 'active' and e.endpoint_id <> all($6::uuid[])
  order by due.due_at_ms
  limit $4
), claimed as (
  update notifications.deliveries d
  set due_at_ms = $2, lease = $3, attempts = d.attempts + 1
  from taken
  where d.delivery_id = taken.delivery_id
  returning d.delivery_id, d.attempts, d.created_at_ms, d.endpoint_id, d.body
), noted as (
  insert into notifications.attempts (delivery_id, number, at_ms)
  select delivery_id, attempts, $1 from claimed
)
select
  c.delivery_id, c.attempts, c.created_at_ms, c.endpoint_id, c.body, e.url,
  array(
    select s.secret from notifications.endpoint_secrets s
    where s.endpoint_id = c.endpoint_id and (s.valid_until_ms is null or s.valid_until_ms > $1)
    order by s.created_at_ms desc, s.secret_id
  ) as secrets
from claimed c
join notifications.endpoints e on e.endpoint_id = c.endpoint_id
