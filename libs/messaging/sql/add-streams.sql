insert into messaging.streams (consumer, stream)
select $1, stream from unnest($2::text[]) as new (stream) order by stream
on conflict (consumer, stream) do nothing
