-- Since when runs are made by this schedule; another one begins now.
insert into payouts.schedule as s (schedule, since)
values ($1, to_timestamp($2::double precision / 1000))
on conflict (only_row) do update set
  schedule = excluded.schedule,
  since = case when s.schedule = excluded.schedule then s.since else excluded.since end
returning (extract(epoch from since) * 1000)::bigint as since_ms
