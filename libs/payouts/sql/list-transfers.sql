select * from payouts.transfers
where ($1::text is null or state::text = $1 or ($1 = 'conflict' and conflict is not null))
  and ($2::text is null or creator_id = $2)
  and seq < coalesce($3::bigint, 9223372036854775807)
order by seq desc
limit $4
