select pg_try_advisory_xact_lock(hashtextextended('dead-letters:' || $1, 0)) as held
