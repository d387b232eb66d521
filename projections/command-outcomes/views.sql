create or replace view read.command_outcomes as
select
  stream, key, principal, min(body_hash) as body_hash,
  min(first_revision) as first_revision, max(last_revision) as last_revision,
  min(first_position) as first_position, max(last_position) as last_position
from outcomes
group by stream, key, principal;
comment on view read.command_outcomes is 'One row a command that had an effect: which revisions of its stream are its events.';
