with written as (update payouts.files set written_at = now() where file_no = $1 returning file_no)
update payouts.transfers t
set due_at = now(), version = version + 1
from payouts.file_lines l, written
where l.file_no = written.file_no and t.creator_id = l.creator_id and t.payout_id = l.payout_id
