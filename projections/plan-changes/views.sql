create or replace view read.plan_changes as
select position, user_id, plan, occurred_at_ms
from plan_changes;
comment on view read.plan_changes is
  'One row a plan that a user began: it held until the next row of the user, by position in the log.';
