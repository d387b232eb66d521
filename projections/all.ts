import type { Projection } from '#libs/projection-runner/projection.js';
import { balances } from './balances/project.js';
import { commandOutcomes } from './command-outcomes/project.js';
import { creatorEarnings } from './creator-earnings/project.js';
import { journal } from './journal/project.js';
import { planChanges } from './plan-changes/project.js';
import { promptRuns } from './prompt-runs/project.js';
import { transactions } from './transactions/project.js';
import { unlockedFlows } from './unlocked-flows/project.js';

/** Every projection of the ledger. */
export const ALL_PROJECTIONS: readonly Projection[] = [
  balances,
  transactions,
  promptRuns,
  unlockedFlows,
  creatorEarnings,
  journal,
  commandOutcomes,
  planChanges,
];
