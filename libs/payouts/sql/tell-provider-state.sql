-- What the provider tells by itself, of the transfer that was read at version $3. It moves forward only.
update payouts.transfers set
  state = greatest(state, $4::payouts.transfer_state),
  reference = coalesce($5, reference),
  failure_code = coalesce($6, failure_code),
  failure_reason = coalesce($7, failure_reason),
  conflict = coalesce($8, conflict),
  conflict_detail = coalesce($9, conflict_detail),
  last_error = coalesce($10, last_error),
  tries = 0,
  version = version + 1,
  due_at = now(),
  changed_at = now()
where creator_id = $1 and payout_id = $2 and version = $3
