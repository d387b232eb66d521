-- The first log wins; whoever comes later is told which it was.
with bound as (
  insert into platform.bound_log (log_id, place) values ($1, $2)
  on conflict do nothing
  returning log_id, place
)
select log_id, place from bound
union all
select log_id, place from platform.bound_log
limit 1
