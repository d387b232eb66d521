delete from messaging.inbox
where ctid = any(array(
  select ctid from messaging.inbox where handled_at < now() - $1 * interval '1 day' limit $2
))
