select version, log_id, revision, position, event_id, checksum, data
from platform.snapshots
where stream = $1 and version = $2
