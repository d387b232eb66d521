select l.amount_cents, l.currency, l.destination, f.name, f.written_at
from payouts.file_lines l
left join payouts.files f using (file_no)
where l.creator_id = $1 and l.payout_id = $2
