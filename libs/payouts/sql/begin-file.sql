-- The lines of a file are decided before it is written, and never again. $1 is the most that it may hold.
with next as (
  select nextval(pg_get_serial_sequence('payouts.files', 'file_no')) as file_no
),
file as (
  insert into payouts.files (file_no, name)
  overriding system value
  select file_no, format('payouts-%s-%s.csv', to_char(now() at time zone 'utc', 'YYYYMMDD'), lpad(file_no::text, 6, '0'))
  from next
  returning file_no
),
chosen as (
  select creator_id, payout_id from payouts.file_lines
  where file_no is null
  order by collected_at, creator_id, payout_id
  limit $1
  for update
)
update payouts.file_lines l
set file_no = file.file_no
from file, chosen
where l.creator_id = chosen.creator_id and l.payout_id = chosen.payout_id
