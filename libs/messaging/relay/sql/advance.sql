-- Not waited for on disk: after a crash of Postgres a part is published again, which consumers allow for.
with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
update messaging.relays as relay
set position = $5, recorded_at = coalesce($6, relay.recorded_at), advanced_at = now()
from relaxed
where cluster_id = $1 and topic_prefix = $2 and epoch = $3 and position = $4
