create or replace view read.creator_earnings as
select creator_id, accrued, prompt_sources, flow_sources, first_earned_at_ms, last_earned_at_ms
from creator_earnings;
comment on view read.creator_earnings is 'One row a creator: credits accrued from prompts and flows, and from how many of them.';
