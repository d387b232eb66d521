-- Position of the last committed event, 0 for an empty log.
create function log.head() returns bigint
language sql stable
as $$ select coalesce((select e.position from log.events e order by e.position desc limit 1), 0) $$;

revoke all on function log.head() from public;
grant execute on function log.head() to ledger_log;
