with d as materialized (
  select *
  from unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[]) as d (user_id, hold_id, released, test_period_ms)
),
gone as (
  delete from holds h
  using d
  where h.user_id = d.user_id and h.hold_id = d.hold_id
  returning h.user_id, h.hold_id, h.purpose, h.held_at_ms
),
ended as (
  select
    d.user_id, d.released, g.held_at_ms,
    g.hold_id is not null as was_open,
    -- A test run is counted when its hold is made and taken back when the hold is released: a period's uses are
    -- counted in the latest period that has any, so a hold is of that period when it is not older.
    d.released and g.purpose = 'test' as uncounted,
    -- Settled after it was released: counted when it is charged.
    case when d.released or g.hold_id is null then d.test_period_ms end as counted_in_ms
  from d
  left join gone g on g.user_id = d.user_id and g.hold_id = d.hold_id
),
counted as (
  select
    e.user_id,
    greatest(max(e.counted_in_ms), w.test_period_ms) as period_ms,
    count(*) filter (where e.uncounted and e.held_at_ms >= w.test_period_ms) as back,
    array_agg(e.counted_in_ms) as counted_in_ms,
    w.test_period_ms as before_ms
  from ended e
  join wallets w on w.user_id = e.user_id
  where e.uncounted or e.counted_in_ms is not null
  group by e.user_id, w.test_period_ms
),
uses as (
  update wallets w
  set
    test_period_ms = c.period_ms,
    test_runs =
      case when c.period_ms = c.before_ms then w.test_runs - c.back else 0 end
      + coalesce(cardinality(array_positions(c.counted_in_ms, c.period_ms)), 0)
  from counted c
  where w.user_id = c.user_id
)
-- One row a hold that could end: a release ends an open hold, or the rows do not fit the log.
select 1
from ended
where was_open or not released
