select seq, creator_id, amount_cents from payouts.run_items
where run_id = $1 and state = 'listed' and seq > $2
order by seq
limit $3
