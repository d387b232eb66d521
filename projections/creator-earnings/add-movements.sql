insert into creator_movements as m (creator_id, month_ms, kind, amount, count)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::numeric[], $5::bigint[])
on conflict (creator_id, month_ms, kind) do update set
  amount = m.amount + excluded.amount,
  count = m.count + excluded.count
