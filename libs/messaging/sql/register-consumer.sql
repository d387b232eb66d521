insert into messaging.consumers (name, log_id) values ($1, $2)
on conflict (name) do update set seen_at = now()
returning log_id
