insert into payouts.provider_notices (provider, id, type, notice)
values ($1, $2, $3, $4)
on conflict do nothing
