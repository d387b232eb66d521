insert into creator_days as d (creator_id, day_ms, earned, reversed)
select * from unnest($1::text[], $2::bigint[], $3::numeric[], $4::numeric[])
on conflict (creator_id, day_ms) do update set
  earned = d.earned + excluded.earned,
  reversed = d.reversed + excluded.reversed
