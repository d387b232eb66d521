select creator_id, payout_id, amount_cents, currency, destination from payouts.file_lines where file_no = $1
