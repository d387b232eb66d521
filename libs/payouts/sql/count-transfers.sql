select state::text as state, count(*) as count from payouts.transfers group by state
union all
select 'conflict', count(*) from payouts.transfers where conflict is not null
