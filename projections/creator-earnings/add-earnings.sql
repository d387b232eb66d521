insert into creator_earnings as c (
  creator_id, accrued, prompt_sources, flow_sources, first_earned_at_ms, last_earned_at_ms
)
select * from unnest($1::text[], $2::numeric[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
on conflict (creator_id) do update set
  accrued = c.accrued + excluded.accrued,
  prompt_sources = c.prompt_sources + excluded.prompt_sources,
  flow_sources = c.flow_sources + excluded.flow_sources,
  first_earned_at_ms = least(c.first_earned_at_ms, excluded.first_earned_at_ms),
  last_earned_at_ms = greatest(c.last_earned_at_ms, excluded.last_earned_at_ms)
