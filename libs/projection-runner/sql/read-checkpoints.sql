select name, log_id, position, recorded_at_ms from read.checkpoints order by name
