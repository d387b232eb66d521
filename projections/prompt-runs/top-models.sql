select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  m.model, m.runs, m.input_tokens, m.output_tokens, m.cached_input_tokens, m.cache_write_tokens, m.inference, m.markup,
  m.byok_fee, m.creator_fee, m.creator_share, m.platform_share, m.total, m.allowance,
  m.refunded, m.net
from read.prompt_runs_checkpoint c
left join lateral (select * from read.model_totals order by net desc, model limit $1) m on true
order by m.net desc, m.model
