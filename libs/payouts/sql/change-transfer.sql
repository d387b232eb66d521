-- Only under the newest claim. What others have changed since it was read ($4) is kept, and looked at again at once.
update payouts.transfers set
  state = case when version = $4 then $5::payouts.transfer_state else greatest(state, $5::payouts.transfer_state) end,
  ledger_state = greatest(ledger_state, $6::payouts.ledger_state),
  sent_recorded = sent_recorded or $17,
  reference = coalesce($7, reference),
  failure_code = coalesce($8, failure_code),
  failure_reason = coalesce($9, failure_reason),
  conflict = case when version = $4 then $10 else coalesce($10, conflict) end,
  conflict_detail = case when version = $4 then $11 else coalesce($11, conflict_detail) end,
  attempts = $12,
  last_attempt_at = case when $12 > attempts then now() else last_attempt_at end,
  tries = $13,
  last_error = $14,
  due_at = case when version = $4 then now() + $15 * interval '1 millisecond' else now() end,
  leased_until = case when $16 then leased_until end,
  changed_at = now()
where creator_id = $1 and payout_id = $2 and lease = $3
returning *
