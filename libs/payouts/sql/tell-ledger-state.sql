-- The log moves forward only; what it says again changes nothing.
update payouts.transfers set
  ledger_state = $3,
  failed_from = coalesce($4, failed_from),
  version = version + 1,
  tries = 0,
  due_at = now(),
  changed_at = now()
where creator_id = $1 and payout_id = $2
  and (ledger_state < $3::payouts.ledger_state or (failed_from is null and $4::payouts.ledger_state is not null))
