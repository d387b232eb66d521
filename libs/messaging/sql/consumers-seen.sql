select name, seen_at, (extract(epoch from now() - seen_at) * 1000)::float8 as age_ms
from messaging.consumers
order by name
