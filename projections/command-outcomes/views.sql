create or replace view read.command_outcomes as
select
  stream, key, principal, min(body_hash) as body_hash,
  min(first_revision) as first_revision, max(last_revision) as last_revision,
  min(first_position) as first_position, max(last_position) as last_position
from outcomes
group by stream, key, principal;
comment on view read.command_outcomes is 'One row a command that had an effect: which revisions of its stream are its events.';

create or replace view read.used_ids as
select stream, id, revision, position
from used_ids;
comment on view read.used_ids is 'Which events used which business ids, such as run:<id>, in which stream.';

-- The version of the copy that readers see: one made by another version answers nothing that money depends on.
create or replace view read.command_outcomes_version as
select 2 as version;
