select
  count(*) as count,
  coalesce(extract(epoch from now() - min(collected_at)) * 1000, 0)::bigint as oldest_ms,
  coalesce(extract(epoch from now() - max(collected_at)) * 1000, 0)::bigint as newest_ms
from payouts.file_lines
where file_no is null
