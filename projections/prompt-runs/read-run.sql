select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  r.position as run_position, r.user_id, r.run_id, r.prompt_id, r.model, r.purpose, r.byok, r.creator_id,
  r.occurred_at_ms, r.ran_at_ms, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cache_write_tokens, r.policy,
  r.rate_card, r.rate_card_version, r.inference, r.markup, r.byok_fee, r.creator_fee, r.creator_share, r.platform_share,
  r.total, r.allowance, r.event_id, r.principal, r.key, r.body_hash, r.uncollected, r.hold_id,
  r.refunded_inference, r.refunded_markup, r.refunded_byok_fee, r.refunded_creator_share, r.refunded_platform_share,
  r.refunded
from read.prompt_runs_checkpoint c
left join read.prompt_runs r on r.user_id = $1 and r.run_id = $2
