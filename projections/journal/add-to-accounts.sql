insert into accounts as a (account, balance, entries)
select * from unnest($1::text[], $2::numeric[], $3::bigint[])
on conflict (account) do update set
  balance = a.balance + excluded.balance,
  entries = a.entries + excluded.entries
