with d as materialized (
  select *
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as d (user_id, prompt_id, visibility, size_bytes)
),
changes as (
  select
    d.user_id,
    sum((d.visibility = 'private')::integer - coalesce((p.visibility = 'private')::integer, 0)) as private_prompts,
    sum(d.size_bytes - coalesce(p.size_bytes, 0)) as storage_bytes
  from d
  left join prompts p on p.user_id = d.user_id and p.prompt_id = d.prompt_id
  group by d.user_id
),
counted as (
  update wallets w
  set private_prompts = w.private_prompts + c.private_prompts, storage_bytes = w.storage_bytes + c.storage_bytes
  from changes c
  where w.user_id = c.user_id
)
insert into prompts (user_id, prompt_id, visibility, size_bytes)
select user_id, prompt_id, visibility, size_bytes from d
on conflict (user_id, prompt_id) do update set visibility = excluded.visibility, size_bytes = excluded.size_bytes
