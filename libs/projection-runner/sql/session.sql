-- Rows and checkpoint commit together, so a commit lost in a crash is done again from the log (see the decision record).
set synchronous_commit = off;
-- Every write looks its rows up by key. Fresh tables have no statistics: without this the planner may scan them whole.
set enable_seqscan = off;
set enable_hashjoin = off;
set enable_mergejoin = off;
set plan_cache_mode = force_generic_plan;
set jit = off;
