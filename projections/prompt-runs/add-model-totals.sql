insert into model_totals as m (
  model, runs, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, inference, markup, byok_fee,
  creator_share, platform_share, allowance
)
select *
from unnest(
  $1::text[], $2::bigint[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
  $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[]
)
on conflict (model) do update set
  runs = m.runs + excluded.runs,
  input_tokens = m.input_tokens + excluded.input_tokens,
  output_tokens = m.output_tokens + excluded.output_tokens,
  cached_input_tokens = m.cached_input_tokens + excluded.cached_input_tokens,
  cache_write_tokens = m.cache_write_tokens + excluded.cache_write_tokens,
  inference = m.inference + excluded.inference,
  markup = m.markup + excluded.markup,
  byok_fee = m.byok_fee + excluded.byok_fee,
  creator_share = m.creator_share + excluded.creator_share,
  platform_share = m.platform_share + excluded.platform_share,
  allowance = m.allowance + excluded.allowance
