insert into payouts.file_lines (creator_id, payout_id, amount_cents, currency, destination)
values ($1, $2, $3, $4, $5)
on conflict do nothing
