insert into payouts.run_items (run_id, creator_id, payable, amount_cents, state, reason, provider, destination)
select $1, i.* from unnest($2::text[], $3::numeric[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
  as i (creator_id, payable, amount_cents, state, reason, provider, destination)
order by i.creator_id
