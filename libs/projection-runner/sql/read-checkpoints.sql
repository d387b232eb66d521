select name, log_id, position, recorded_at_ms, events from read.checkpoints order by name
