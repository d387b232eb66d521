select 1 from messaging.relays where cluster_id = $1 and topic_prefix = $2 and epoch = $3
