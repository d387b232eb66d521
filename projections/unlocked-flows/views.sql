create or replace view read.unlocked_flows as
select position, user_id, flow_id, creator_id, price, creator_share, platform_share, unlocked_at_ms, event_id,
  refunded_at_ms
from unlocked_flows;
comment on view read.unlocked_flows is 'One row a flow that a user has unlocked; one that was refunded since has refunded_at_ms. Amounts in credits.';
