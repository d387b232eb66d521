create or replace view read.prompt_runs as
select
  position, user_id, run_id, prompt_id, model, purpose, byok, creator_id, occurred_at_ms, ran_at_ms,
  input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, policy, rate_card, rate_card_version,
  inference, markup, byok_fee, creator_share + platform_share as creator_fee, creator_share, platform_share,
  inference + markup + byok_fee + creator_share + platform_share as total, allowance,
  event_id, principal, key, body_hash
from prompt_runs;
comment on view read.prompt_runs is 'One row a charged run with every component of its price, in credits.';

create or replace view read.model_totals as
select
  model, runs, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, inference, markup, byok_fee,
  creator_share + platform_share as creator_fee, creator_share, platform_share,
  inference + markup + byok_fee + creator_share + platform_share as total, allowance
from model_totals;
comment on view read.model_totals is 'Sums over all charged runs of a model, in credits.';
