select log_id, position from checkpoint
