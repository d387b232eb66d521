insert into payouts.transfers (creator_id, payout_id, amount_cents, currency, provider, destination, requested_at, due_at)
values ($1, $2, $3, 'usd', $4, $5, to_timestamp($6::double precision / 1000), now())
on conflict do nothing
