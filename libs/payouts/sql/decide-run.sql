update payouts.runs set state = $2, decided_by = $3, decided_at = now()
where run_id = $1 and state = 'prepared'
