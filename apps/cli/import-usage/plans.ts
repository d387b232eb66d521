import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { CliError } from '../failure.js';
import type { LedgerHttp } from '../http/ledger-http.js';
import { type Patience, problemText, sendPatiently } from '../http/with-patience.js';
import type { UsageOptions } from './options.js';
import type { Survey } from './usage-file.js';

interface PlansReply {
  readonly inForce?: { readonly plans: Readonly<Record<PlanName, { readonly models: readonly string[] }>> };
}

/**
 * The plan of each user: the one asked for, or the smallest of the table in force that includes every model the user
 * runs. The largest serves who runs a model that no plan names; the ledger then judges the run.
 */
export async function planChooser(
  http: LedgerHttp,
  { plan }: UsageOptions,
  { modelsOf }: Survey,
  patience: Patience,
): Promise<(userId: string) => PlanName> {
  if (plan !== 'auto') return () => plan;
  const reply = await sendPatiently(http, { method: 'GET', path: '/api/plans' }, patience);
  if (reply.status !== 200) throw new CliError(`The plans cannot be read: ${problemText(reply)}`);
  const plans = (reply.body as PlansReply | undefined)?.inForce?.plans;
  if (plans === undefined) throw new CliError(`The server at ${http.url} is no ledger: it names no plans.`);
  const included = new Map(PLAN_NAMES.map((name) => [name, new Set(plans[name].models)]));
  return (userId) => {
    const models = [...(modelsOf.get(userId) ?? [])];
    return PLAN_NAMES.find((name) => models.every((model) => included.get(name)!.has(model))) ?? LARGEST;
  };
}

const LARGEST = PLAN_NAMES[PLAN_NAMES.length - 1]!;
