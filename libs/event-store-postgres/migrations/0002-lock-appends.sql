-- The one lock of the log, held to the end of the transaction. Whoever gives positions takes it last, after every
-- other lock, so positions become visible in their own order and a reader never misses one committed late.
create function log.lock_appends() returns void
language sql volatile
as $$ select pg_advisory_xact_lock(4989310746) $$;

revoke all on function log.lock_appends() from public;
grant execute on function log.lock_appends() to ledger_log;
