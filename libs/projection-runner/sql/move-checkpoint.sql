update checkpoint
set position = $3, recorded_at_ms = greatest(recorded_at_ms, $4), events = events + $5
where log_id = $1 and position = $2
