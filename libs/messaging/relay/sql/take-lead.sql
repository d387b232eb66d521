insert into messaging.relays as relay (cluster_id, topic_prefix, log_id, epoch, position)
values ($1, $2, $3, 1, 0)
on conflict (cluster_id, topic_prefix) do update set epoch = relay.epoch + 1
returning epoch, log_id, position::text, recorded_at
