create or replace view read.prompt_runs as
select
  position, user_id, run_id, prompt_id, model, purpose, byok, creator_id, occurred_at_ms, ran_at_ms,
  input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, policy, rate_card, rate_card_version,
  inference, markup, byok_fee, creator_share + platform_share as creator_fee, creator_share, platform_share,
  inference + markup + byok_fee + creator_share + platform_share as total, allowance,
  event_id, principal, key, body_hash, uncollected, hold_id,
  coalesce(refunded_inference, 0) as refunded_inference, coalesce(refunded_markup, 0) as refunded_markup,
  coalesce(refunded_byok_fee, 0) as refunded_byok_fee, coalesce(refunded_creator_share, 0) as refunded_creator_share,
  coalesce(refunded_platform_share, 0) as refunded_platform_share,
  coalesce(
    refunded_inference + refunded_markup + refunded_byok_fee + refunded_creator_share + refunded_platform_share, 0
  ) as refunded
from prompt_runs;
comment on view read.prompt_runs is
  'One row a charged run with every component of its price, in credits, as charged; refunded_... is what was given back of each since, uncollected what nobody paid at the time.';

create or replace view read.model_totals as
select
  model, runs, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, inference, markup, byok_fee,
  creator_share + platform_share as creator_fee, creator_share, platform_share,
  inference + markup + byok_fee + creator_share + platform_share as total, allowance,
  refunded_inference, refunded_markup, refunded_byok_fee, refunded_creator_share, refunded_platform_share,
  refunded_inference + refunded_markup + refunded_byok_fee + refunded_creator_share + refunded_platform_share
    as refunded,
  inference + markup + byok_fee + creator_share + platform_share - refunded_inference - refunded_markup
    - refunded_byok_fee - refunded_creator_share - refunded_platform_share as net
from model_totals;
comment on view read.model_totals is
  'Sums over all charged runs of a model, in credits, as charged; refunded_... was given back since, net is what is left of total.';
