select log_id, position, recorded_at_ms from checkpoint
