-- One page in the order of the primary key: a short statement however long the history, and each user's runs together.
with page as (
  select *
  from read.prompt_runs
  where (user_id, run_id) > ($1, $2) and position <= $3
  order by user_id, run_id
  limit $4
)
select
  page.user_id, page.run_id, page.occurred_at_ms, page.ran_at_ms, page.model, page.byok, page.creator_id,
  page.input_tokens, page.output_tokens, page.cached_input_tokens, page.cache_write_tokens,
  page.policy, page.rate_card, page.rate_card_version,
  page.inference, page.markup, page.byok_fee, page.creator_share, page.platform_share, page.allowance,
  page.refunded, page.refunded_inference, page.refunded_markup, page.refunded_byok_fee, page.refunded_creator_share,
  page.refunded_platform_share,
  held.plan
from page
left join lateral (
  select plan
  from read.plan_changes changes
  where changes.user_id = page.user_id and changes.position <= page.position
  order by changes.position desc
  limit 1
) held on true
order by page.user_id, page.run_id
