create or replace view read.creator_earnings as
select
  creator_id, earned - reversed as accrued, prompt_sources, flow_sources, first_earned_at_ms, last_earned_at_ms,
  earned, reversed, in_payout, paid, destination_provider, destination_reference
from creator_earnings;
comment on view read.creator_earnings is
  'One row a creator: credits earned from prompts and flows, taken back by refunds, in payout and paid. `accrued` is earned less reversed, whatever became of it; what is payable depends on the time: read.creator_days.';

create or replace view read.creator_days as
select creator_id, day_ms, earned, reversed from creator_days;
comment on view read.creator_days is
  'One row a creator and day (UTC) of charges and unlocks: credits earned that day and what refunds took back of them, whenever they came.';

create or replace view read.creator_movements as
select creator_id, month_ms, kind, amount, count from creator_movements;
comment on view read.creator_movements is
  'One row a creator, month of the books and kind of movement: credits and number of events. Kinds owed, in_payout and paid are the net change of these balances.';

create or replace view read.creator_payouts as
select
  creator_id, payout_id, position, amount, state, provider, destination, requested_at_ms, sent_at_ms, settled_at_ms,
  failed_at_ms, reference, failed_from, reason
from creator_payouts;
comment on view read.creator_payouts is 'One row a payout to a creator, with the state it is in and when it came there. Amounts in credits.';
