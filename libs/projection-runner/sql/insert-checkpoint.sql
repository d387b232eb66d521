insert into checkpoint (log_id, position, recorded_at_ms, events) values ($1, 0, 0, 0)
