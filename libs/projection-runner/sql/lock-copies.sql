-- Copies are made and forgotten by one process at a time.
select pg_advisory_xact_lock(hashtextextended('projections.copies', 0))
