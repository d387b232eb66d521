-- One run ($1) or all of them, the newest first.
select
  r.*,
  t.creators, t.listed, t.excluded, t.requested, t.skipped, t.amount_cents, t.requested_cents
from payouts.runs r
cross join lateral (
  select
    count(*) as creators,
    count(*) filter (where i.state = 'listed') as listed,
    count(*) filter (where i.state = 'excluded') as excluded,
    count(*) filter (where i.state = 'requested') as requested,
    count(*) filter (where i.state = 'skipped') as skipped,
    coalesce(sum(i.amount_cents), 0) as amount_cents,
    coalesce(sum(i.requested_cents), 0) as requested_cents
  from payouts.run_items i
  where i.run_id = r.run_id
) t
where ($1::text is null or r.run_id = $1) and r.seq < coalesce($2::bigint, 9223372036854775807)
order by r.seq desc
limit $3
