select file_no, name from payouts.files where written_at is null order by file_no for update
