select i.*, t.state::text as transfer_state
from payouts.run_items i
left join payouts.transfers t on t.creator_id = i.creator_id and t.payout_id = i.payout_id
where i.run_id = $1 and i.seq > $2
order by i.seq
limit $3
