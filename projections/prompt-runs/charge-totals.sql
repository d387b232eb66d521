select
  c.log_id as as_of_log, c.position as as_of_position, c.recorded_at_ms as as_of_ms,
  t.runs, t.inference, t.markup, t.byok_fee, t.creator_fee, t.creator_share, t.platform_share, t.total, t.allowance,
  t.refunded, t.net
from read.prompt_runs_checkpoint c
cross join (
  select
    coalesce(sum(runs), 0) as runs, coalesce(sum(inference), 0) as inference, coalesce(sum(markup), 0) as markup,
    coalesce(sum(byok_fee), 0) as byok_fee, coalesce(sum(creator_fee), 0) as creator_fee,
    coalesce(sum(creator_share), 0) as creator_share, coalesce(sum(platform_share), 0) as platform_share,
    coalesce(sum(total), 0) as total, coalesce(sum(allowance), 0) as allowance,
    coalesce(sum(refunded), 0) as refunded, coalesce(sum(net), 0) as net
  from read.model_totals
) t
