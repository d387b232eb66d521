insert into payouts.runs (run_id, period, state, judged_at, position, prepared_by, decided_by, decided_at)
values ($1, $2, $3, to_timestamp($4::double precision / 1000), $5, $6, $7, case when $7::text is not null then now() end)
on conflict do nothing
