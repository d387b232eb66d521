insert into creator_earnings as c (
  creator_id, earned, reversed, in_payout, paid, prompt_sources, flow_sources, first_earned_at_ms, last_earned_at_ms,
  destination_provider, destination_reference
)
select *
from unnest(
  $1::text[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::bigint[], $7::bigint[], $8::bigint[],
  $9::bigint[], $10::text[], $11::text[]
)
on conflict (creator_id) do update set
  earned = c.earned + excluded.earned,
  reversed = c.reversed + excluded.reversed,
  in_payout = c.in_payout + excluded.in_payout,
  paid = c.paid + excluded.paid,
  prompt_sources = c.prompt_sources + excluded.prompt_sources,
  flow_sources = c.flow_sources + excluded.flow_sources,
  first_earned_at_ms = least(c.first_earned_at_ms, excluded.first_earned_at_ms),
  last_earned_at_ms = greatest(c.last_earned_at_ms, excluded.last_earned_at_ms),
  destination_provider = coalesce(excluded.destination_provider, c.destination_provider),
  destination_reference = coalesce(excluded.destination_reference, c.destination_reference)
