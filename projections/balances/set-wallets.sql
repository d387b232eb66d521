update wallets w
set
  status = coalesce(d.status, w.status),
  frozen_for = nullif(coalesce(d.frozen_for, w.frozen_for), ''),
  plan = coalesce(d.plan, w.plan),
  plan_table = coalesce(d.plan_table, w.plan_table),
  plan_table_version = coalesce(d.plan_table_version, w.plan_table_version),
  coverage = coalesce(d.coverage, w.coverage),
  scheduled_plan = nullif(coalesce(d.scheduled_plan, w.scheduled_plan), ''),
  scheduled_at_ms = case when d.scheduled_plan is null then w.scheduled_at_ms else d.scheduled_at_ms end,
  thresholds = coalesce(d.thresholds, w.thresholds)
from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::bigint[],
  $10::text[]
) as d (
  user_id, status, frozen_for, plan, plan_table, plan_table_version, coverage, scheduled_plan, scheduled_at_ms, thresholds
)
where w.user_id = d.user_id
