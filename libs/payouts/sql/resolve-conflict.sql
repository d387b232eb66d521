-- Somebody has looked and settled it outside; that stays in the history.
update payouts.transfers set
  conflict = null,
  conflict_detail = null,
  last_error = 'conflict resolved by ' || $3,
  version = version + 1,
  changed_at = now()
where creator_id = $1 and payout_id = $2 and conflict is not null
