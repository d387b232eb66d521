// Which files of this folder are suites of the ledger as its callers see it: they pass unchanged in embedded mode (npm
// test) and in cluster mode (npm run test:cluster). test/architecture/suites.spec.ts sees that each file is in one list.

/** Names of files without their ending; a star stands for any letters. */
export const LEDGER_SUITES = [
  'http-*',
  'bad-input',
  'rebuild-while-charging',
  'settlement-kill',
  'sweeper-kill',
  'two-api-processes',
  'what-if',
];

/** About the embedded engine or one part of it, with why a cluster has nothing of the kind or shows it elsewhere. */
export const EMBEDDED_SUITES = {
  cli: 'the command line starts, finds and locks the engine of a data folder',
  dlq: 'a consumer of its own that fails on purpose, on the table of parked messages, which both modes share',
  import:
    'kill -9 takes the command line, the engine in it and its Postgres at once; test/cluster/kill-roles imports into a cluster',
  'payout-worker-kill':
    'stops the worker at named points through hooks that the programs do not have; test/cluster/kill-roles kills the program',
  'processes-*': 'start, watch and stop each program on one Postgres; a cluster does it in every other suite',
  'start-refusals': 'what keeps an engine with its own Postgres from starting',
};
