with d as materialized (
  select *
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    as d (user_id, run_id, inference, markup, byok_fee, creator_share, platform_share)
),
more as (
  select
    r.model,
    sum(d.inference - coalesce(r.refunded_inference, 0)) as inference,
    sum(d.markup - coalesce(r.refunded_markup, 0)) as markup,
    sum(d.byok_fee - coalesce(r.refunded_byok_fee, 0)) as byok_fee,
    sum(d.creator_share - coalesce(r.refunded_creator_share, 0)) as creator_share,
    sum(d.platform_share - coalesce(r.refunded_platform_share, 0)) as platform_share
  from d
  join prompt_runs r on r.user_id = d.user_id and r.run_id = d.run_id
  group by r.model
),
totals as (
  update model_totals m
  set
    refunded_inference = m.refunded_inference + more.inference,
    refunded_markup = m.refunded_markup + more.markup,
    refunded_byok_fee = m.refunded_byok_fee + more.byok_fee,
    refunded_creator_share = m.refunded_creator_share + more.creator_share,
    refunded_platform_share = m.refunded_platform_share + more.platform_share
  from more
  where m.model = more.model
)
update prompt_runs r
set
  refunded_inference = d.inference,
  refunded_markup = d.markup,
  refunded_byok_fee = d.byok_fee,
  refunded_creator_share = d.creator_share,
  refunded_platform_share = d.platform_share
from d
where r.user_id = d.user_id and r.run_id = d.run_id
