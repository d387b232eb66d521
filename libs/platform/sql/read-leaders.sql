-- The key of an advisory lock is shown in two halves of 32 bits.
select wanted.name
from unnest($1::text[]) as wanted (name)
cross join lateral (select hashtextextended('leader:' || wanted.name, 0) as key) as lock
where exists (
  select
  from pg_locks
  where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and classid::bigint = ((lock.key >> 32) & 4294967295)
    and objid::bigint = (lock.key & 4294967295)
)
